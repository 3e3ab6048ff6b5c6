"""What goes wrong inside: streams that are parked, and faults of ours."""

import threading
from collections.abc import Iterator

import httpx
import pytest
from dependency_injector import providers
from structlog.testing import capture_logs

from config.shop import Shop
from core.delivery.consumer import Consumer
from core.domain.aggregate import Aggregate
from core.ports.events import RecordedEvent, Undecodable
from core.projections.rows import FOLDS, RowFold
from tests.support.in_process import client_of, faulty, new_shop
from tests.support.shopping import ADMIN, good, new_product, refused, seen


class WithoutUpdates(RowFold):
    """The fold of a projector that is older than the events."""

    def __call__(self, state: Aggregate | None, recorded: RecordedEvent) -> Aggregate | None:
        if recorded.type == "ProductUpdated":
            raise Undecodable("ProductUpdated is too new")
        return super().__call__(state, recorded)


@pytest.fixture
def parking() -> Iterator[httpx.Client]:
    """Give a client of a shop whose projector parks each product that is updated."""
    shop: Shop = new_shop()
    fold = WithoutUpdates(shop.codec())
    consumer = Consumer(shop.event_store(), shop.projections(), {FOLDS: fold}, shop.environment())
    shop.read_models.consumer.override(providers.Object(consumer))
    with client_of(shop) as client:
        yield client


def update(client: httpx.Client, product_id: str) -> httpx.Response:
    """Change a product."""
    answer = client.put(f"/products/{product_id}", json={"name": "玉露", "price": 2}, headers=ADMIN)
    good(answer)
    return answer


def test_a_read_of_a_parked_stream_says_so_at_once_and_others_are_not_held_up(parking: httpx.Client) -> None:
    parked, other = new_product(parking), new_product(parking)
    written = update(parking, parked["id"])
    answer = parking.get(f"/products/{parked['id']}", headers=seen(written))
    assert answer.headers["X-Consistency"] == "stale; parked"
    assert good(answer) == parked
    both = parking.get("/products", headers=seen(written))
    assert both.headers["X-Consistency"] == "stale; parked"
    assert [product["id"] for product in good(both)] == [other["id"], parked["id"]]
    assert "X-Consistency" not in parking.get(f"/products/{other['id']}").headers


def test_a_shop_with_parked_streams_is_degraded_and_still_serves(parking: httpx.Client) -> None:
    product = new_product(parking)
    assert good(parking.get("/readyz"))["status"] == "ready"
    parking.get("/products", headers=seen(update(parking, product["id"])))
    report = good(parking.get("/readyz"))
    assert report["status"] == "degraded"
    assert report["projectors"]["read-models"]["status"] == "parked"
    assert report["projectors"]["read-models"]["parked"] == 1


def test_a_fault_of_ours_is_a_500_that_tells_nothing_and_whose_request_id_is_in_the_log() -> None:
    shop = new_shop()
    queries = faulty(shop.queries, "products")
    with client_of(shop) as client, capture_logs() as logged:
        queries.failure = ZeroDivisionError("a secret of ours")
        answer = client.get("/products", headers={"X-Request-ID": "the-request"})
    body = refused(answer, 500, "internal")
    assert body["request_id"] == "the-request"
    assert "secret" not in answer.text
    (line,) = [line for line in logged if line["log_level"] == "error"]
    assert (line["request_id"], line["event"]) == ("the-request", "request failed")
    assert "a secret of ours" in line["error"]
    assert isinstance(line["exc_info"], ZeroDivisionError)


def test_readiness_asks_all_parts_at_once_so_that_it_waits_no_longer_than_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop, together = new_shop(log_level="warning"), threading.Barrier(3)

    def asked() -> list[object]:
        together.wait(10)
        return []

    monkeypatch.setattr(shop.event_store(), "incarnation", asked)
    for role in (shop.read_models, shop.notifier):
        monkeypatch.setattr(role.projections(), "parked_streams", asked)
    with client_of(shop) as client:
        assert good(client.get("/readyz"))["status"] == "ready"
