"""The `ecshop` command as a user types it: what it says, and with which status it ends."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import boto3
import httpx
import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.main import main
from tests.support.running_shop import ADMIN_TOKEN, ECSHOP, RunningShop, environment
from tests.support.shopping import ADMIN, good, guest, new_product, paid_order

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "a-key", "AWS_SECRET_ACCESS_KEY": "its-secret"}
NO_CREDENTIALS = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
    "AWS_CONFIG_FILE": "/nowhere",
}


@pytest.fixture(autouse=True)
def forgotten_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have boto3 look for credentials again, as a new process would."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def ecshop(*arguments: str, **settings: str) -> Result:
    """Run a command to its end, in this process: to start one for each would take a minute."""
    given = environment(**settings)
    hidden: dict[str, str | None] = {name: None for name in os.environ if name not in given}
    return CliRunner().invoke(main, arguments, env=hidden | given, catch_exceptions=False)


def says_no(ended: Result, *words: str) -> None:
    """Check that it ended with one sentence that has these words, with status 2 and nothing else said."""
    assert ended.exit_code == 2, ended.stderr
    assert ended.stdout == ""
    (sentence,) = ended.stderr.splitlines()
    assert sentence.startswith("Error: ")
    assert sentence.endswith(".")
    for word in words:
        assert word in sentence


def test_the_installed_command_ends_as_it_says() -> None:
    command = [ECSHOP, "serve", "--port", "0"]
    ended = subprocess.run(
        command, env=environment(LOG_LEVEL="loud"), capture_output=True, text=True, timeout=120, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "LOG_LEVEL" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", ("serve", "demo", "events", "tables")),
        ("serve", ("--port", "--host", "8080")),
        ("demo", ("--port", "same ids")),
        ("events", ("STREAM", "--at-version", "--url", "--json", "ADMIN_TOKEN")),
        ("tables", ("create",)),
        ("tables create", ("--json",)),
    ],
)
def test_each_command_has_its_help(command: str, words: tuple[str, ...]) -> None:
    ended = ecshop(*command.split(), "--help")
    assert (ended.exit_code, ended.stderr) == (0, "")
    for word in words:
        assert word in ended.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"),
        ("PORT", "65536"),
        ("COMMIT_BUDGET", "-1"),
        ("COMMIT_BUDGET", "nan"),
        ("SECRET_KEY", "too short"),
        ("ENVIRONMENT", "prod"),
        ("LOG_LEVEL", "loud"),
        ("GUESTS", "perhaps"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(name: str, value: str) -> None:
    says_no(ecshop("serve", "--port", "0", **{name: value}) if name != "PORT" else ecshop("serve", PORT=value), name)


def test_production_wants_a_key_of_its_own() -> None:
    says_no(ecshop("serve", "--port", "0", ENVIRONMENT="production"), "SECRET_KEY", "production")


def test_no_secret_is_told_in_an_error() -> None:
    ended = ecshop("serve", "--port", "0", SECRET_KEY="hunter2")
    assert "hunter2" not in ended.stderr


def test_an_address_that_is_not_of_this_machine_is_told() -> None:
    for host in ("192.0.2.1", "no such host"):
        says_no(ecshop("serve", "--port", "0", "--host", host), host, "Set HOST")


@pytest.fixture
def order(client: httpx.Client) -> str:
    """Give the id of an order that was paid, in the running shop."""
    return str(paid_order(client, guest())["id"])


def test_events_of_a_running_shop_are_a_table(shop: RunningShop, order: str) -> None:
    ended = ecshop("events", order, "--url", shop.url, ADMIN_TOKEN=ADMIN_TOKEN)
    assert (ended.exit_code, ended.stderr) == (0, "")
    placed, paid = ended.stdout.splitlines()
    assert placed.split()[0] == "1"
    assert "OrderPlaced" in placed
    assert "OrderPaid" in paid


def test_events_as_json_are_those_of_the_api(shop: RunningShop, client: httpx.Client, order: str) -> None:
    ended = ecshop("events", order, "--url", shop.url, "--json", ADMIN_TOKEN=ADMIN_TOKEN)
    assert json.loads(ended.stdout) == good(client.get(f"/api/admin/events/{order}", headers=ADMIN))


def test_a_state_at_a_version(shop: RunningShop, client: httpx.Client, order: str) -> None:
    asked = ("events", order, "--url", f"{shop.url}/", "--at-version", "1")
    told = ecshop(*asked, ADMIN_TOKEN=ADMIN_TOKEN).stdout
    assert "Order" in told.splitlines()[0]
    assert "status: pending" in told
    as_json = json.loads(ecshop(*asked, "--json", ADMIN_TOKEN=ADMIN_TOKEN).stdout)
    assert as_json == good(client.get(f"/api/admin/events/{order}?at_version=1", headers=ADMIN))


def test_a_long_history_is_read_to_its_end(
    shop: RunningShop, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.cli.events.PAGE", 4)
    product = new_product(client)
    for price in range(1, 10):
        good(client.put(f"/products/{product['id']}", json={"name": "x", "price": price}, headers=ADMIN))
    ended = ecshop("events", product["id"], "--url", shop.url, "--json", ADMIN_TOKEN=ADMIN_TOKEN)
    assert [event["version"] for event in json.loads(ended.stdout)] == list(range(1, 11))


def test_a_shop_wants_its_admin_token(shop: RunningShop, order: str) -> None:
    says_no(ecshop("events", order, "--url", shop.url), "ADMIN_TOKEN")
    says_no(ecshop("events", order, "--url", shop.url, ADMIN_TOKEN="wrong"), "token")


def test_an_unknown_stream_is_told(shop: RunningShop) -> None:
    nobody = str(uuid4())
    says_no(ecshop("events", nobody, "--url", shop.url, ADMIN_TOKEN=ADMIN_TOKEN), nobody)
    says_no(ecshop("events", "a b?c#d%20", "--url", shop.url, ADMIN_TOKEN=ADMIN_TOKEN), "a b?c#d%20")


@pytest.mark.parametrize("url", ["not an address", "http://", "ftp://127.0.0.1", "http://127.0.0.1:99999"])
def test_an_address_that_cannot_be_one_is_told(url: str) -> None:
    says_no(ecshop("events", "x", "--url", url, ADMIN_TOKEN=ADMIN_TOKEN), url, "--url")


def test_a_shop_that_is_not_there_is_told() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    says_no(ecshop("events", "x", "--url", url, ADMIN_TOKEN=ADMIN_TOKEN), url, "--url")


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class Stranger(BaseHTTPRequestHandler):
    """Answers as AWS does to a key it does not know."""

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = b'{"__type": "com.amazon.coral.service#UnrecognizedClientException", "message": "The security token is invalid."}'
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(400)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    """Give the address of a server that knows nobody."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


COMMANDS = [("tables", "create"), ("events", "a-stream")]


@pytest.mark.parametrize("command", COMMANDS)
def test_wrong_credentials_are_told(command: tuple[str, ...], stranger: str) -> None:
    says_no(
        ecshop(*command, DYNAMODB_ENDPOINT=stranger, **CREDENTIALS), "AWS_ACCESS_KEY_ID", "UnrecognizedClientException"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_missing_credentials_are_told(command: tuple[str, ...], stranger: str) -> None:
    says_no(ecshop(*command, DYNAMODB_ENDPOINT=stranger, **NO_CREDENTIALS), "AWS_ACCESS_KEY_ID")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_endpoint_that_is_not_there_is_told(command: tuple[str, ...]) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    says_no(ecshop(*command, DYNAMODB_ENDPOINT=endpoint, **CREDENTIALS), "DYNAMODB_ENDPOINT", endpoint)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_endpoint_that_cannot_be_one_is_told(command: tuple[str, ...]) -> None:
    says_no(ecshop(*command, DYNAMODB_ENDPOINT="localhost", **CREDENTIALS), "DYNAMODB_ENDPOINT")


def test_something_else_than_a_shop_is_told(stranger: str) -> None:
    says_no(ecshop("events", "x", "--url", stranger, ADMIN_TOKEN=ADMIN_TOKEN), stranger, "--url")


@pytest.mark.ministack
def test_tables_are_made_once_and_events_are_read_from_them(ministack_endpoint: str) -> None:
    prefix = uuid4().hex
    names = {
        "DYNAMODB_TABLE_NAME": f"{prefix}-events",
        "DYNAMODB_SNAPSHOT_TABLE_NAME": f"{prefix}-snapshots",
        "DYNAMODB_CLAIMS_TABLE_NAME": f"{prefix}-claims",
    }
    settings = names | CREDENTIALS | {"DYNAMODB_ENDPOINT": ministack_endpoint}
    says_no(
        ecshop("events", "a-stream", **settings),
        "DYNAMODB_TABLE_NAME",
        names["DYNAMODB_TABLE_NAME"],
        "ecshop tables create",
    )

    made = ecshop("tables", "create", **settings)
    assert (made.exit_code, made.stderr) == (0, "")
    assert made.stdout.splitlines() == [f"{name}: created" for name in names.values()]
    again = json.loads(ecshop("tables", "create", "--json", **settings).stdout)
    assert again == [{"table": name, "created": False} for name in names.values()]

    says_no(ecshop("events", "a-stream", **settings), "a-stream")
