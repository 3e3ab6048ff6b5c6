"""Who a shopper is: the header, else the cookie, else a new guest."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.e2e.conftest import note
from tests.support.in_process import client_of, new_shop
from tests.support.shopping import ADMIN, good, guest, new_product, put_in_cart, refused

UNKNOWN = "00000000-0000-4000-8000-000000000000"
"""An id that nothing has. Not a new one each time: parameters must be the same in every process of a run."""


def test_the_first_answer_sets_a_cookie_that_scripts_and_other_sites_do_not_get(client: httpx.Client) -> None:
    answer = client.get("/cart")
    cookie = answer.headers["Set-Cookie"]
    name, _, rest = cookie.partition("=")
    value, *attributes = rest.split("; ")
    assert name == "guest_id"
    assert good(answer)["user_id"] == f"guest-{value}"
    assert {each.lower() for each in attributes} >= {"httponly", "samesite=strict", "path=/"}
    assert "secure" not in cookie.lower()


def test_the_cookie_is_kept_and_not_set_again(client: httpx.Client) -> None:
    first = good(client.get("/cart"))["user_id"]
    again = client.get("/cart")
    assert good(again)["user_id"] == first
    assert "Set-Cookie" not in again.headers


def test_a_write_makes_a_guest_too(client: httpx.Client) -> None:
    body = {"product_id": new_product(client)["id"], "quantity": 1}
    answer = client.post("/cart/items", json=body)
    assert "guest_id=" in answer.headers["Set-Cookie"]
    assert (
        len(good(client.get("/cart", headers={"X-Consistency-Token": answer.headers["X-Consistency-Token"]}))["items"])
        == 1
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/orders", {}, 400),
        ("POST", "/orders", {"coupon": "FREE"}, 400),
        ("POST", "/cart/items", {"product_id": "42", "quantity": 1}, 400),
        ("POST", "/cart/items", {"product_id": UNKNOWN, "quantity": 1}, 404),
        ("DELETE", f"/cart/items/{UNKNOWN}", {}, 404),
        ("DELETE", "/cart", {"a": "x" * 2 * 1024 * 1024}, 413),
        ("GET", "/orders?limit=0", None, 400),
        ("GET", f"/orders/{UNKNOWN}", None, 404),
    ],
)
def test_a_refusal_sets_the_cookie_too(client: httpx.Client, method: str, path: str, body: object, status: int) -> None:
    answer = client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["Set-Cookie"].startswith("guest_id=")
    again = client.get("/cart")
    assert good(again)["user_id"] == f"guest-{answer.cookies['guest_id']}"
    assert "Set-Cookie" not in again.headers


@pytest.mark.parametrize("who", [guest(), ADMIN, {"Authorization": "Bearer wrong"}, {"X-User-ID": "me"}])
def test_a_refusal_of_who_is_no_new_guest_sets_none(client: httpx.Client, who: dict[str, str]) -> None:
    answer = client.post("/orders", headers=who)
    assert answer.status_code in {400, 401, 403}
    assert "Set-Cookie" not in answer.headers


def test_over_tls_the_cookie_is_secure_and_lasts_a_year() -> None:
    with client_of(new_shop()) as client:
        cookie = client.get("https://testserver.local/cart").headers["Set-Cookie"].lower()
    assert "; secure" in cookie
    assert "; max-age=31536000" in cookie


def test_two_guest_ids_name_nobody(client: httpx.Client) -> None:
    lines = [*guest().items(), *guest().items()]
    refused(client.get("/cart", headers=lines), 400, "bad_user_id")


def test_a_cookie_that_is_no_uuid_is_replaced(client: httpx.Client) -> None:
    answer = client.get("/cart", headers={"Cookie": "guest_id=user-1"})
    assert good(answer)["user_id"] != "guest-user-1"
    assert "guest_id=" in answer.headers["Set-Cookie"]


def test_the_header_wins_over_the_cookie(client: httpx.Client) -> None:
    who, cookie = guest(), str(uuid4())
    answer = client.get("/cart", headers=who | {"Cookie": f"guest_id={cookie}"})
    assert good(answer)["user_id"] == f"guest-{who['X-User-ID']}"
    assert "Set-Cookie" not in answer.headers


def test_an_id_in_capitals_is_the_same_shopper(client: httpx.Client) -> None:
    who = guest()
    put = put_in_cart(client, {"X-User-ID": who["X-User-ID"].upper()}, new_product(client))
    assert put.json()["id"] == f"cart-guest-{who['X-User-ID']}"
    shown = client.get("/cart", headers=who | {"X-Consistency-Token": put.headers["X-Consistency-Token"]})
    assert good(shown) == put.json()


def test_the_admin_token_beside_a_guest_id_is_that_guest(client: httpx.Client) -> None:
    who = guest()
    assert good(client.get("/cart", headers=who | ADMIN))["user_id"] == f"guest-{who['X-User-ID']}"


@pytest.fixture(scope="module")
def without_guests() -> Iterator[httpx.Client]:
    """Give a client of a shop whose guests are switched off."""
    with client_of(new_shop(guests=False)) as client:
        client.event_hooks = {"response": [note]}
        yield client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param(method, path, marks=pytest.mark.contract_row(method, path, 401))
        for method, path in [("GET", "/cart"), ("DELETE", "/cart"), ("POST", "/orders"), ("GET", "/orders")]
    ],
)
def test_guests_can_be_switched_off(without_guests: httpx.Client, method: str, path: str) -> None:
    answer = without_guests.request(method, path, headers=guest())
    refused(answer, 401, "unauthorized")
    assert "Set-Cookie" not in answer.headers


def test_without_guests_the_catalogue_and_the_admin_rows_are_served(without_guests: httpx.Client) -> None:
    product = new_product(without_guests)
    good(without_guests.get(f"/products/{product['id']}"))
    good(without_guests.get("/api/admin/orders", headers=ADMIN))
