"""Where only an extra is installed, a command that needs no other works, and any other names what it needs in a sentence."""

import subprocess
import sys

import httpx
import pytest

from tests.support.command import CREDENTIALS, free_port, is_sentence
from tests.support.running_shop import ADMIN_TOKEN, RunningShop, environment, running_shop
from tests.support.shopping import guest, paid_order


def command(extras: str, *arguments: str) -> tuple[str, ...]:
    """Give the command as it is where these extras alone are installed; `-` is none."""
    return (sys.executable, "-m", "tests.support.only_extras", extras, *arguments)


def ecshop_with(extras: str, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run it to its end."""
    return subprocess.run(
        command(extras, *arguments),
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command_alone_has_its_help() -> None:
    ended = ecshop_with("cli", "--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "tables" in ended.stdout


def test_the_command_alone_asks_a_shop_for_its_events(shop: RunningShop, client: httpx.Client) -> None:
    order = paid_order(client, guest())
    ended = ecshop_with("cli", "events", order["id"], "--url", shop.url, ADMIN_TOKEN=ADMIN_TOKEN)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "OrderPaid" in ended.stdout


def test_the_extra_http_serves_a_shop() -> None:
    with running_shop(*command("cli,http", "serve", "--port", "0")) as running:
        for path in ("/products", "/schema", "/metrics"):
            assert httpx.get(running.url + path).status_code == 200, path


@pytest.mark.parametrize("arguments", [("tables", "create"), ("events", "x")])
def test_the_extra_dynamodb_asks_dynamodb(arguments: tuple[str, ...]) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    ended = ecshop_with("cli,dynamodb", *arguments, DYNAMODB_ENDPOINT=endpoint, **CREDENTIALS)
    assert (ended.returncode, ended.stdout) == (2, "")
    is_sentence(ended.stderr, endpoint)


@pytest.mark.parametrize("arguments", [("migrate",), ("mails",), ("serve", "--port", "0")])
def test_a_durable_shop_names_the_extra_postgres(arguments: tuple[str, ...]) -> None:
    settings = {"STORE": "postgres", "DATABASE_URL": "postgresql://127.0.0.1:1/shop"}
    ended = ecshop_with("cli,http", *arguments, **settings)
    assert (ended.returncode, ended.stdout) == (2, "")
    is_sentence(ended.stderr, "pip install '.[postgres]'")


@pytest.mark.parametrize(
    ("extras", "arguments", "missing"),
    [
        ("-", ("--help",), "cli"),
        ("cli", ("serve", "--port", "0"), "http"),
        ("cli", ("events", "x"), "dynamodb"),
        ("cli,http", ("tables", "create"), "dynamodb"),
        ("cli", ("worker", "project"), "http"),
        ("cli", ("topics", "create"), "kafka"),
    ],
)
def test_an_extra_that_is_not_installed_is_named(extras: str, arguments: tuple[str, ...], missing: str) -> None:
    ended = ecshop_with(extras, *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    is_sentence(ended.stderr, f"pip install '.[{missing}]'")
