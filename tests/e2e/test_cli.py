"""The `ecshop` command as a user types it: its help, and the settings and addresses that it starts on."""

import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.support.command import ecshop, is_sentence, says_no
from tests.support.project_copy import project_copy
from tests.support.running_shop import ECSHOP, SECRET_KEY, environment, running_shop

ROOT = Path(__file__).parents[2]
NOWHERE = "192.0.2.1"
"""An address that no machine has (RFC 5737): a shop that wrongly starts there ends at once."""


def has_ipv6() -> bool:
    """Tell whether this machine has the address ::1."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_the_installed_command_ends_as_it_says() -> None:
    command = [ECSHOP, "serve", "--port", "0"]
    ended = subprocess.run(
        command, env=environment(LOG_LEVEL="loud"), capture_output=True, text=True, timeout=120, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    is_sentence(ended.stderr, "LOG_LEVEL")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", ("serve", "demo", "events", "tables", "doctor", "migrate", "worker", "rebuild", "reconcile", "mails")),
        ("worker", ("project", "notify", "reconcile", "SIGTERM")),
        ("rebuild", ("--segments", "Ctrl-C")),
        ("reconcile", ("--recent", "--deep", "--repair", "--projector", "--json")),
        ("dead-letters", ("list", "show", "redrive")),
        ("doctor", ("--json", "Exit status")),
        ("serve", ("--port", "--host", "8080", "ADMIN_TOKEN", "SECRET_KEY")),
        ("demo", ("--port", "same ids", "ADMIN_TOKEN", "--switch-feed")),
        ("generations", ("--drop", "--json")),
        ("mails", ("--status", "--limit", "--json")),
        ("events", ("STREAM", "--at-version", "--url", "--json", "ADMIN_TOKEN", "DYNAMODB_TABLE_NAME")),
        ("events", ("DYNAMODB_REGION", "DYNAMODB_ENDPOINT")),
        ("tables", ("create",)),
        ("tables create", ("--json", "DYNAMODB_TABLE_NAME", "DYNAMODB_REGION", "DYNAMODB_ENDPOINT")),
    ],
)
def test_each_command_has_its_help(command: str, words: tuple[str, ...]) -> None:
    ended = ecshop(*command.split(), "--help")
    assert (ended.exit_code, ended.stderr) == (0, "")
    for word in words:
        assert word in ended.stdout


@pytest.mark.parametrize("command", ["serve", "demo"])
@pytest.mark.parametrize(("name", "value"), [("PORT", "x"), ("COMMIT_BUDGET", "-1"), ("ADMIN_TOKEN", "鍵")])
def test_a_wrong_setting_stops_the_start_and_is_named(command: str, name: str, value: str) -> None:
    says_no(ecshop(command, "--host", NOWHERE, **{name: value}), name)


def test_a_demo_in_production_makes_no_token_up() -> None:
    production = {"ENVIRONMENT": "production", "SECRET_KEY": SECRET_KEY}
    says_no(ecshop("demo", "--host", NOWHERE, **production), "ADMIN_TOKEN", "production")


def test_an_address_that_is_not_of_this_machine_is_told() -> None:
    for host in (NOWHERE, "no such host"):
        says_no(ecshop("serve", "--port", "0", "--host", host), host, "Set HOST")


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_an_address_of_ipv6_can_be_served() -> None:
    with running_shop(ECSHOP, "serve", "--port", "0", "--host", "::1") as shop:
        assert shop.url.startswith("http://[::1]:")
        assert httpx.get(f"{shop.url}/healthz").status_code == 200


@pytest.mark.parametrize("given", ["on the command line", "in the environment"])
def test_make_run_names_a_wrong_port(given: str, tmp_path: Path) -> None:
    arguments = ["PORT=x"] if given == "on the command line" else []
    settings = {} if arguments else {"PORT": "x"}
    ended = subprocess.run(
        ["make", "run", *arguments],  # noqa: S607 - the make of this machine
        cwd=project_copy(tmp_path),
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 2
    is_sentence(ended.stderr.splitlines()[0], "PORT:", "'x'")
