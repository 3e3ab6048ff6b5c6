"""Where a guest wants to hear of an order: taken with the order, kept beside it, and shown to nobody."""

import unicodedata
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from config.shop import Shop
from core.ports.commit import Claim, Commit
from core.ports.event_store import OutcomeUnknown
from core.ports.events import Metadata
from tests.e2e.conftest import note
from tests.support.in_process import client_of, faulty, new_shop
from tests.support.running_shop import RunningShop
from tests.support.shopping import ADMIN, Json, good, guest, new_product, put_in_cart, refused
from tests.support.waiting import wait_until

EMAIL = "mai+tea@example.co.jp"


@pytest.fixture(scope="module")
def serving() -> Iterator[tuple[Shop, httpx.Client]]:
    """Give a shop in this process, whose store can be looked into."""
    shop = new_shop()
    with client_of(shop) as client:
        client.event_hooks = {"response": [note]}
        yield shop, client


def ordered(client: httpx.Client, body: Json, **headers: str) -> httpx.Response:
    """Order one product with this body."""
    who = guest()
    put_in_cart(client, who, new_product(client))
    return client.post("/orders", json=body, headers=who | headers)


def metadata_of(shop: Shop, stream: str) -> Metadata:
    """Give the metadata beside the newest event of a stream."""
    newest: Metadata = list(shop.event_store().read(stream))[-1].metadata
    return newest


@pytest.mark.contract_row("POST", "/orders", 201)
def test_the_address_is_kept_beside_the_order_and_not_beside_its_stock_and_cart(
    serving: tuple[Shop, httpx.Client],
) -> None:
    shop, client = serving
    order = good(ordered(client, {"email": EMAIL, "locale": "en"}), 201)
    placed = metadata_of(shop, order["id"])
    assert (placed.email, placed.locale) == (EMAIL, "en")
    for stream in (f"cart-{order['user_id']}", f"inventory-{order['items'][0]['product_id']}"):
        assert (metadata_of(shop, stream).email, metadata_of(shop, stream).command) == ("", "PlaceOrder")


@pytest.mark.parametrize(
    ("body", "browser", "locale"),
    [
        ({"locale": "ja"}, "en-GB", "ja"),
        ({"locale": "en"}, "ja", "en"),
        ({}, "en-GB,ja", "en"),
        ({"email": EMAIL}, "ja,en", "ja"),
        ({}, "fr", "ja"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_browser_s(
    serving: tuple[Shop, httpx.Client], body: Json, browser: str, locale: str
) -> None:
    shop, client = serving
    order = good(ordered(client, body, **{"Accept-Language": browser}), 201)
    assert metadata_of(shop, order["id"]).locale == locale


@pytest.mark.parametrize(
    "email", ["a@b.c", "メール@例え.テスト", f"{'m' * 242}@example.com", "o'hara_1/x=y%z@a-b.example"]
)
def test_one_plausible_address_is_taken(serving: tuple[Shop, httpx.Client], email: str) -> None:
    shop, client = serving
    decomposed = unicodedata.normalize("NFD", email)
    order = good(ordered(client, {"email": decomposed}), 201)
    assert metadata_of(shop, order["id"]).email == email


@pytest.mark.contract_row("POST", "/orders", 400)
@pytest.mark.parametrize(
    "email",
    [
        "",
        " ",
        "mai",
        "mai@",
        "@example.com",
        "mai@example",
        "mai@.com",
        "mai@example..com",
        "mai@example.com.",
        "mai@@example.com",
        "mai@example.com, ken@example.com",
        "mai@example.com,ken@example.com",
        "mai@example.com;ken@example.com",
        "mai@example.com ken@example.com",
        "Mai <mai@example.com>",
        "mai@example.com\r\nBcc: ken@example.com",
        "mai@example.com\n",
        "mai\t@example.com",
        "mai\x7f@example.com",
        "mai\u200b@example.com",
        "mai\u202e@example.com",
        '"mai"@example.com',
        "mai@[127.0.0.1]",
        "mai(tea)@example.com",
    ],
)
def test_what_is_not_one_address_is_refused(serving: tuple[Shop, httpx.Client], email: str) -> None:
    answer = refused(ordered(serving[1], {"email": email}), 400, "invalid_request")
    assert answer["fields"] == {"email": "must be one e-mail address such as mai@example.com"}


@pytest.mark.contract_row("POST", "/orders", 400)
@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"email": f"{'m' * 243}@example.com"}, {"email": "must be at most 254 characters long"}),
        ({"email": None}, {"email": "must be text"}),
        ({"email": ["mai@example.com"]}, {"email": "must be text"}),
        ({"email": "mai\0@example.com"}, {"email": "must not hold a NUL character"}),
        ({"locale": "fr"}, {"locale": "must be ja or en"}),
        ({"locale": "EN"}, {"locale": "must be ja or en"}),
        ({"locale": ""}, {"locale": "must be ja or en"}),
        ({"locale": None}, {"locale": "must be text"}),
    ],
)
def test_other_fields_that_are_wrong_are_named(
    serving: tuple[Shop, httpx.Client], body: Json, fields: dict[str, str]
) -> None:
    answer = refused(ordered(serving[1], body), 400, "invalid_request")
    assert answer["fields"] == fields


@pytest.mark.contract_row("POST", "/orders", 422)
def test_another_address_under_the_same_key_is_another_order(client: httpx.Client) -> None:
    who, once = guest(), {"Idempotency-Key": str(uuid4())}
    put_in_cart(client, who, new_product(client))
    first = client.post("/orders", json={"email": EMAIL}, headers=who | once)
    again = client.post("/orders", json={"email": EMAIL}, headers=who | once)
    assert good(again, 201) == good(first, 201)
    other = client.post("/orders", json={"email": "ken@example.com"}, headers=who | once)
    refused(other, 422, "idempotency_key_reused")


def test_no_answer_no_event_and_no_log_line_has_the_address(shop: RunningShop, client: httpx.Client) -> None:
    who, email = guest(), f"{uuid4()}@example.com"
    once = who | {"Idempotency-Key": str(uuid4())}
    product = new_product(client)
    put_in_cart(client, who, product)
    first = client.post("/orders", json={"email": email}, headers=once)
    order = good(first, 201)
    fresh = {"X-Consistency-Token": first.headers["X-Consistency-Token"]}
    answers = [
        first,
        client.post("/orders", json={"email": email}, headers=once),
        client.get(f"/orders/{order['id']}", headers=who | fresh),
        client.get("/orders", headers=who | fresh),
        client.get("/api/admin/orders", headers=ADMIN | fresh),
        *(client.get(f"/api/admin/events/{order['id']}{query}", headers=ADMIN) for query in ("", "?at_version=1")),
        client.get(f"/api/admin/events/inventory-{product['id']}", headers=ADMIN),
        client.get(f"/api/admin/events/cart-{order['user_id']}", headers=ADMIN),
        client.post("/orders", json={"email": f"{email},{email}"}, headers=who),
        client.get("/metrics"),
    ]
    assert {answer.status_code for answer in answers} == {200, 201, 400}
    assert [answer.request.url for answer in answers if email in answer.text + str(answer.headers)] == []
    last = answers[-1].headers["X-Request-ID"]
    wait_until(lambda: any(line.get("request_id") == last for line in shop.logged()))
    assert email not in shop.log.read_text()


def test_neither_the_claim_nor_an_error_about_the_commit_has_it() -> None:
    shop = new_shop()
    store = faulty(shop.event_store, "commit")
    commits: list[Commit] = []

    def lost(commit: Commit) -> None:
        commits.append(commit)
        raise OutcomeUnknown(commit)

    with client_of(shop) as client:
        who = guest()
        put_in_cart(client, who, new_product(client))
        store.commit = lost  # type: ignore[attr-defined]
        answer = client.post("/orders", json={"email": EMAIL}, headers=who | {"Idempotency-Key": "one"})
    refused(answer, 503, "outcome_unknown")
    (commit,) = commits
    assert commit.metadata.email == EMAIL
    assert EMAIL not in repr(commit)
    (claim,) = commit.claims
    assert isinstance(claim, Claim)
    assert claim.value
    assert EMAIL.encode() not in claim.value
