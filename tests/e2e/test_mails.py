"""The mails about orders as those who run the shop see them, and the one id that leads from a request to its mail."""

from uuid import uuid4

import httpx
import pytest

from core.ports.projection_store import ProjectionUnavailable
from tests.e2e.conftest import note
from tests.support.in_process import client_of, faulty, new_shop
from tests.support.running_shop import RunningShop
from tests.support.shopping import ADMIN, Json, good, guest, new_product, put_in_cart, refused
from tests.support.waiting import wait_until

MAILS = "/api/admin/mails"


def order(client: httpx.Client, body: dict[str, str], **headers: str) -> Json:
    """Have a new guest order something."""
    buyer = guest()
    put_in_cart(client, buyer, new_product(client, name="煎茶 <深蒸し>", price=1_080))
    placed: Json = good(client.post("/orders", json=body, headers=buyer | headers), 201)
    return placed


def mails_of(client: httpx.Client, order_id: str) -> list[Json]:
    """Give the mails about an order that are no longer on their way, oldest first."""
    mails = good(client.get(MAILS, headers=ADMIN))
    return [mail for mail in mails[::-1] if mail["order_id"] == order_id and mail["settled_at"]]


@pytest.mark.contract_row("GET", "/api/admin/mails", 200)
def test_an_order_with_an_e_mail_has_its_mails_listed_with_what_they_say(client: httpx.Client) -> None:
    placed = order(client, {"email": "tea@example.com", "locale": "ja"})
    good(client.post(f"/orders/{placed['id']}/pay", headers=ADMIN))
    wait_until(lambda: len(mails_of(client, placed["id"])) == 2)

    placing, paying = mails_of(client, placed["id"])

    assert [mail["event_type"] for mail in (placing, paying)] == ["OrderPlaced", "OrderPaid"]
    assert {(mail["status"], mail["recipient"]) for mail in (placing, paying)} == {("sent", "tea@example.com")}
    assert placing["subject"] == f"【注文確認】ご注文番号 {placed['id'][:8]}"
    assert "煎茶 <深蒸し>" in placing["text"]
    assert "煎茶 &lt;深蒸し&gt;" in placing["html"]
    assert "1,080" in placing["text"]


def test_an_order_without_an_e_mail_has_a_mail_that_goes_to_nobody(client: httpx.Client) -> None:
    placed = order(client, {})
    wait_until(lambda: bool(mails_of(client, placed["id"])))

    (mail,) = mails_of(client, placed["id"])

    assert (mail["status"], mail["recipient"], mail["subject"]) == ("no_recipient", "", "")


def test_mails_are_listed_by_status_and_newest_first(client: httpx.Client) -> None:
    first, second = (order(client, {"email": "tea@example.com"}) for _ in range(2))
    wait_until(lambda: bool(mails_of(client, first["id"]) and mails_of(client, second["id"])))

    sent = good(client.get(MAILS, params={"status": "sent", "limit": 2}, headers=ADMIN))

    assert [mail["order_id"] for mail in sent] == [second["id"], first["id"]]
    assert all(mail["status"] == "expired" for mail in good(client.get(f"{MAILS}?status=expired", headers=ADMIN)))


@pytest.mark.contract_row("GET", "/api/admin/mails", 400)
@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=1.0", "limit=1&limit=2", "status=lost"])
def test_what_cannot_be_meant_is_refused(client: httpx.Client, query: str) -> None:
    body = refused(client.get(f"{MAILS}?{query}", headers=ADMIN), 400, "invalid_request")
    assert set(body["fields"]) == {query.partition("=")[0]}


@pytest.mark.contract_row("GET", "/api/admin/mails", 503)
def test_a_queue_that_is_away_is_told() -> None:
    shop = new_shop()
    queue = faulty(shop.mail_queue, "mails")
    with client_of(shop) as client:
        client.event_hooks = {"response": [note]}
        queue.failure = ProjectionUnavailable("the database is down")
        answer = client.get(MAILS, headers=ADMIN)
    refused(answer, 503, "read_model_unavailable")
    assert answer.headers["Retry-After"]


def test_one_id_leads_from_a_request_to_its_events_its_log_line_and_its_mail(
    client: httpx.Client, shop: RunningShop
) -> None:
    request_id = f"test/{uuid4()}"
    buyer = guest()
    put_in_cart(client, buyer, new_product(client))
    asked = client.post("/orders", json={"email": "tea@example.com"}, headers=buyer | {"X-Request-ID": request_id})
    placed = good(asked, 201)
    wait_until(lambda: bool(mails_of(client, placed["id"])))

    (event,) = good(client.get(f"/api/admin/events/{placed['id']}", headers=ADMIN))
    (mail,) = mails_of(client, placed["id"])

    assert asked.headers["X-Request-ID"] == request_id
    assert event["metadata"]["correlation_id"] == request_id
    assert mail["correlation_id"] == request_id
    wait_until(lambda: any(line.get("request_id") == request_id for line in shop.logged()))
