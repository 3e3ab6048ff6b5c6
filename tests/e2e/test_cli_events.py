"""`ecshop events`: what happened to one aggregate, asked of a running shop, and of what is none."""

import json
from uuid import uuid4

import httpx
import pytest

from tests.support.command import ecshop, free_port, says_no
from tests.support.running_shop import ADMIN_TOKEN, RunningShop
from tests.support.shopping import ADMIN, good, guest, new_product, paid_order
from tests.support.strangers import stranger


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
    monkeypatch.setattr("entrypoints.cli.served_history.PAGE", 4)
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


@pytest.mark.parametrize("asked", [(), ("--url", "http://127.0.0.1:9")])
@pytest.mark.parametrize("stream", ["", "a\nb", "\udcff"])
def test_a_stream_that_cannot_be_one_is_told(stream: str, asked: tuple[str, ...]) -> None:
    says_no(ecshop("events", stream, *asked, ADMIN_TOKEN=ADMIN_TOKEN), "STREAM")


@pytest.mark.parametrize("url", ["", "not an address", "http://", "ftp://127.0.0.1", "http://127.0.0.1:99999"])
def test_an_address_that_cannot_be_one_is_told(url: str) -> None:
    says_no(ecshop("events", "x", "--url", url, ADMIN_TOKEN=ADMIN_TOKEN), url, "--url")


def test_a_shop_that_is_not_there_is_told() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    says_no(ecshop("events", "x", "--url", url, ADMIN_TOKEN=ADMIN_TOKEN), url, "--url")


@pytest.mark.parametrize("asked", [(), ("--at-version", "1"), ("--json",)])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html><body>Welcome</body></html>"),
        (200, b'{"a": 1}'),
        (200, b'[{"version": 1}]'),
        (200, b'[{"id": "\xff"}]'),
        (200, b'[{"data": {"a": ' + b"[" * 100_000),
        (200, b""),
        (404, b"<html><body>Nothing here</body></html>"),
        (404, b'{"error": {"message": "nothing\\nhere"}}'),
    ],
)
def test_something_else_than_a_shop_is_told(asked: tuple[str, ...], status: int, body: bytes) -> None:
    with stranger(status, body) as url:
        says_no(ecshop("events", "x", "--url", url, *asked, ADMIN_TOKEN=ADMIN_TOKEN), url, "--url", "no EC Shop")


def test_a_list_is_no_state() -> None:
    with stranger(200, b"[]") as url:
        says_no(ecshop("events", "x", "--url", url, "--at-version", "1", ADMIN_TOKEN=ADMIN_TOKEN), url, "no EC Shop")
