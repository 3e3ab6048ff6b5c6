"""The whole shop under each delivery design, in memory: orders through HTTP, rows, mails, and what its health tells."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from adapters.inmemory import InMemoryEventPublisher
from config.shop import Shop
from core.ports.event_publisher import PublishFailed
from tests.support.in_process import client_of, new_shop
from tests.support.shopping import ADMIN, good, guest, new_order, new_product, put_in_cart
from tests.support.waiting import wait_until

pytestmark = pytest.mark.memory

DESIGNS = ("cdc", "dual-write", "outbox")


@contextmanager
def served(design: str) -> Iterator[tuple[Shop, Any]]:
    """Serve a shop of this design in this process."""
    shop = new_shop(delivery=design)
    with client_of(shop) as client:
        yield shop, client


@pytest.mark.parametrize("design", DESIGNS)
def test_an_order_is_shown_and_its_guest_gets_a_mail(design: str) -> None:
    with served(design) as (_, client):
        who, product = guest(), new_product(client)
        put_in_cart(client, who, product)
        answer = client.post("/orders", headers=who, json={"email": "ann@x.example"})
        order = good(answer, 201)

        wait_until(lambda: client.get(f"/orders/{order['id']}", headers=who).status_code == 200)
        wait_until(lambda: [mail["recipient"] for mail in mails_of(client)] == ["ann@x.example"])
        wait_until(lambda: good(client.get(f"/products/{product['id']}"))["stock"] == 9)
        assert good(client.get("/readyz"))["status"] == "ready"


def mails_of(client: httpx.Client) -> list[dict[str, Any]]:
    """Give the mails that were sent."""
    mails: list[dict[str, Any]] = good(client.get("/api/admin/mails", headers=ADMIN))
    return [mail for mail in mails if mail["status"] == "sent"]


def refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the broker refuse everything."""

    def publish(_self: object, events: Any) -> None:  # noqa: ANN401 - as the publisher has it
        raise PublishFailed(events, "the broker is away")

    monkeypatch.setattr(InMemoryEventPublisher, "publish", publish)


def test_what_dual_write_did_not_publish_is_stored_and_shown_by_reconciling_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with served("dual-write") as (shop, client):
        who, product = guest(), new_product(client)
        put_in_cart(client, who, product)
        with monkeypatch.context() as away:
            refuse(away)
            order = good(client.post("/orders", headers=who), 201)  # stored, and so it is answered
        new_order(client, guest())  # all that was published is shown by now

        assert client.get(f"/orders/{order['id']}", headers=who).status_code == 404
        assert 'ecshop_published_events_total{outcome="failed"} 3.0' in client.get("/metrics").text
        report = shop.read_models.reconcile().look()
        assert f"{order['id']}" in {each.stream for each in report.differences}
        shop.read_models.reconcile().repair(report)
        assert client.get(f"/orders/{order['id']}", headers=who).status_code == 200


def test_what_a_relay_could_not_publish_waits_is_told_and_then_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with served("outbox") as (shop, client):
        who, product = guest(), new_product(client)
        put_in_cart(client, who, product)
        with monkeypatch.context() as away:
            refuse(away)
            order = good(client.post("/orders", headers=who), 201)
            wait_until(lambda: good(client.get("/readyz"))["status"] == "degraded")
            told = good(client.get("/readyz"))["backends"]["relay"]
            assert told["status"] == "waiting"
            assert "the broker is away" in told["detail"]
            pending = shop.outbox().pending()
            assert pending >= 3
            assert f"ecshop_outbox_pending_events {pending}.0" in client.get("/metrics").text

        wait_until(lambda: client.get(f"/orders/{order['id']}", headers=who).status_code == 200)
        wait_until(lambda: good(client.get("/readyz"))["status"] == "ready")
        assert "ecshop_outbox_pending_events 0.0" in client.get("/metrics").text
