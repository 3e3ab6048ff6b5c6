"""The events of one aggregate over HTTP, and the ids that lead from a request to them."""

import re
from uuid import uuid4

import httpx
import pytest

from tests.support.running_shop import RunningShop
from tests.support.shopping import ADMIN, Json, good, guest, new_order, new_product, paid_order, refused
from tests.support.waiting import wait_until

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@pytest.fixture
def order(client: httpx.Client) -> Json:
    """Give an order that was placed, paid and cancelled."""
    placed = paid_order(client, guest())
    good(client.post(f"/orders/{placed['id']}/cancel", json={"reason": "色違い"}, headers=ADMIN))
    return placed


def events_of(client: httpx.Client, stream: str, query: str = "") -> list[Json]:
    """Read a history."""
    found: list[Json] = good(client.get(f"/api/admin/events/{stream}{query}", headers=ADMIN))
    return found


def test_the_history_tells_what_happened_in_order(client: httpx.Client, order: Json) -> None:
    events = events_of(client, order["id"])
    assert [(event["version"], event["event_type"]) for event in events] == [
        (1, "OrderPlaced"),
        (2, "OrderPaid"),
        (3, "OrderCancelled"),
    ]
    assert {event["aggregate_id"] for event in events} == {order["id"]}
    assert {event["aggregate_type"] for event in events} == {"Order"}
    assert set(events[0]) == {
        "id",
        "aggregate_id",
        "aggregate_type",
        "version",
        "event_type",
        "schema_version",
        "data",
        "created_at",
        "commit_id",
        "metadata",
    }
    assert events[0]["data"]["total"] == order["total"]
    assert events[2]["data"]["reason"] == "色違い"
    assert all(INSTANT.fullmatch(event["created_at"]) for event in events)
    assert events[2]["metadata"]["actor"] == "admin"


def test_an_order_and_its_stock_are_one_commit(client: httpx.Client) -> None:
    order = new_order(client, guest())
    (placed,) = events_of(client, order["id"])
    reserved = events_of(client, f"inventory-{order['items'][0]['product_id']}")[-1]
    cleared = events_of(client, f"cart-{order['user_id']}")[-1]
    assert (reserved["event_type"], cleared["event_type"]) == ("StockReserved", "CartCleared")
    assert {placed["commit_id"]} == {reserved["commit_id"], cleared["commit_id"]}


def test_a_long_history_is_paged_by_links(client: httpx.Client) -> None:
    product = new_product(client)
    for price in range(1, 10):
        good(client.put(f"/products/{product['id']}", json={"name": "x", "price": price}, headers=ADMIN))
    url: str | None = f"/api/admin/events/{product['id']}?limit=4"
    versions = []
    while url:
        answer = client.get(url, headers=ADMIN)
        versions.append([event["version"] for event in good(answer)])
        url = answer.links.get("next", {}).get("url")
    assert versions == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]


@pytest.mark.parametrize(("version", "status"), [(1, "pending"), (2, "paid"), (3, "cancelled"), (99, "cancelled")])
def test_the_state_at_a_version_is_the_fold_up_to_it(
    client: httpx.Client, order: Json, version: int, status: str
) -> None:
    answer = good(client.get(f"/api/admin/events/{order['id']}?at_version={version}", headers=ADMIN))
    assert (answer["aggregate_id"], answer["aggregate_type"], answer["version"]) == (
        order["id"],
        "Order",
        min(version, 3),
    )
    assert answer["state"]["status"] == status


def test_the_state_at_a_time_is_the_fold_up_to_the_last_event_not_after_it(client: httpx.Client, order: Json) -> None:
    for event, status in zip(events_of(client, order["id"]), ("pending", "paid", "cancelled"), strict=True):
        answer = client.get(f"/api/admin/events/{order['id']}", params={"at": event["created_at"]}, headers=ADMIN)
        assert (good(answer)["version"], answer.json()["state"]["status"]) == (event["version"], status)
    before = client.get(f"/api/admin/events/{order['id']}?at=2020-01-01T00:00:00Z", headers=ADMIN)
    refused(before, 404, "stream_not_found")


@pytest.mark.contract_row("GET", "/api/admin/events/{aggregate_id}", 400)
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("at_version=0", "invalid_request"),
        ("at_version=-1", "invalid_request"),
        ("at_version=x", "invalid_request"),
        (f"at_version={10**30}", "invalid_request"),
        ("at_version=1.0", "invalid_request"),
        ("at_version=1&at_version=2", "invalid_request"),
        ("at=2026-01-01T00:00:00Z&at=2026-01-02T00:00:00Z", "invalid_request"),
        ("at_version=1&at=2026-01-01T00:00:00Z", "invalid_request"),
        ("at=", "bad_time"),
        ("at=yesterday", "bad_time"),
        ("at=%ff%00", "bad_time"),
        ("at=1763935598", "bad_time"),
        ("at=2026-13-01T00:00:00Z", "bad_time"),
        ("at=2026-01-01", "bad_time"),
        ("at=2026-01-01T00:00:00", "bad_time"),
        ("at=2026-01-01T00:00:00+09:00", "bad_time"),  # its + is a space until it is written %2B
    ],
)
def test_a_point_in_history_that_cannot_be_is_refused(client: httpx.Client, query: str, code: str) -> None:
    product = new_product(client)
    refused(client.get(f"/api/admin/events/{product['id']}?{query}", headers=ADMIN), 400, code)


def test_a_stream_is_found_by_its_uuid_in_either_case(client: httpx.Client) -> None:
    order = new_order(client, guest())
    product_id, shopper = order["items"][0]["product_id"], order["user_id"].removeprefix("guest-")
    for stream in (order["id"].upper(), f"inventory-{product_id.upper()}", f"cart-guest-{shopper.upper()}"):
        shown = events_of(client, stream)
        assert {event["aggregate_id"] for event in shown} == {stream[:-36] + stream[-36:].lower()}
        state = good(client.get(f"/api/admin/events/{stream}?at_version=1", headers=ADMIN))
        assert state["aggregate_id"] == shown[0]["aggregate_id"]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59"])
def test_the_ends_of_time_are_times(client: httpx.Client, at: str) -> None:
    product = new_product(client)
    answer = client.get(f"/api/admin/events/{product['id']}", params={"at": at}, headers=ADMIN)
    assert answer.status_code in {200, 404}


@pytest.mark.contract_row("GET", "/api/admin/events/{aggregate_id}", 400)
def test_the_name_of_a_stream_has_its_bound(client: httpx.Client) -> None:
    refused(client.get(f"/api/admin/events/{'x' * 201}", headers=ADMIN), 400, "bad_id")
    refused(client.get(f"/api/admin/events/{'x' * 200}", headers=ADMIN), 404, "stream_not_found")
    refused(client.get("/api/admin/events/%00%ff%E7%8C%AB", headers=ADMIN), 404, "stream_not_found")


def test_a_request_id_is_echoed_and_found_in_the_events_and_in_the_log(client: httpx.Client, shop: RunningShop) -> None:
    request_id = f"test/{uuid4()}"
    body = {"name": "x", "price": 1}
    answer = client.post("/products", json=body, headers=ADMIN | {"X-Request-ID": request_id})
    assert answer.headers["X-Request-ID"] == request_id
    (event,) = events_of(client, good(answer, 201)["id"])
    assert event["metadata"]["correlation_id"] == request_id
    assert event["metadata"]["command"] == "CreateProduct"
    wait_until(lambda: any(line.get("request_id") == request_id for line in shop.logged()))
    (line,) = [line for line in shop.logged() if line.get("request_id") == request_id]
    assert (line["method"], line["path"], line["status"]) == ("POST", "/products", 201)


@pytest.mark.parametrize("bad", ["", "x" * 129, "a b", "a\tb", '{"a": 1}'])
def test_a_request_id_that_could_harm_a_log_is_replaced(client: httpx.Client, bad: str) -> None:
    made = client.get("/healthz", headers={"X-Request-ID": bad}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f-]{36}", made)


def test_no_log_line_holds_a_token(client: httpx.Client, shop: RunningShop) -> None:
    new_order(client, guest())
    assert shop.logged()
    assert ADMIN["Authorization"].split()[1] not in shop.log.read_text()
