"""Idempotency-Key: a repeat gives the first answer and does nothing."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from tests.support.shopping import ADMIN, good, guest, new_product, put_in_cart, refused, seen


def key() -> dict[str, str]:
    """Give a key that was never used."""
    return {"Idempotency-Key": str(uuid4())}


@pytest.mark.contract_row("POST", "/orders", 201)
def test_a_repeated_order_is_one_order_with_one_answer_and_one_token(client: httpx.Client) -> None:
    who, product, once = guest(), new_product(client, stock=9), key()
    put_in_cart(client, who, product, 2)
    first = client.post("/orders", headers=who | once)
    again = client.post("/orders", headers=who | once)
    assert (again.status_code, again.json()) == (201, good(first, 201))
    assert again.headers["X-Consistency-Token"] == first.headers["X-Consistency-Token"]
    assert len(good(client.get("/orders", headers=who | seen(again)))) == 1
    assert good(client.get(f"/products/{product['id']}", headers=seen(again)))["stock"] == 7


def test_no_body_and_an_empty_object_are_the_same_request(client: httpx.Client) -> None:
    who, once = guest(), key()
    put_in_cart(client, who, new_product(client))
    first = client.post("/orders", headers=who | once)
    assert client.post("/orders", headers=who | once, json={}).json() == good(first, 201)


@pytest.mark.contract_row("POST", "/cart/items", 200)
def test_a_repeated_addition_adds_once(client: httpx.Client) -> None:
    who, product, once = guest(), new_product(client), key()
    body = {"product_id": product["id"], "quantity": 2}
    for _ in range(3):
        assert good(client.post("/cart/items", json=body, headers=who | once))["items"][0]["quantity"] == 2


def test_a_repeat_after_the_world_went_on_still_gives_the_first_answer(client: httpx.Client) -> None:
    product, once = new_product(client, price=100), key()
    url = f"/products/{product['id']}"
    deleted = client.delete(url, headers=ADMIN | once)
    again = client.delete(url, headers=ADMIN | once)
    assert good(again) == good(deleted)
    refused(client.delete(url, headers=ADMIN), 404, "product_not_found")


def test_a_repeat_of_a_write_that_changed_nothing_changes_nothing_later(client: httpx.Client) -> None:
    product, once = new_product(client, name="煎茶", price=100), key()
    url, same = f"/products/{product['id']}", {"name": "煎茶", "description": "", "price": 100}
    good(client.put(url, json=same, headers=ADMIN | once))
    changed = client.put(url, json=same | {"price": 200}, headers=ADMIN)
    good(client.put(url, json=same, headers=ADMIN | once))
    assert good(client.get(url, headers=seen(changed)))["price"] == 200


@pytest.mark.contract_row("POST", "/cart/items", 422)
def test_another_body_under_the_same_key_is_refused_and_does_nothing(client: httpx.Client) -> None:
    who, product, once = guest(), new_product(client), key()
    body = {"product_id": product["id"], "quantity": 2}
    first = client.post("/cart/items", json=body, headers=who | once)
    refused(client.post("/cart/items", json=body | {"quantity": 3}, headers=who | once), 422, "idempotency_key_reused")
    assert good(client.get("/cart", headers=who | seen(first))) == good(first)


def test_of_many_at_once_one_orders_and_all_get_its_answer(client: httpx.Client) -> None:
    for _ in range(5):
        who, product, once = guest(), new_product(client, stock=9), key()
        put_in_cart(client, who, product)
        with ThreadPoolExecutor(6) as threads:
            asked = [threads.submit(client.post, "/orders", headers=who | once) for _ in range(6)]
        answers = [each.result() for each in asked]
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.text for answer in answers}) == 1
        assert len({answer.headers["X-Consistency-Token"] for answer in answers}) == 1
        assert len(good(client.get("/orders", headers=who | seen(answers[0])))) == 1


def test_a_key_belongs_to_its_caller(client: httpx.Client) -> None:
    once, product = key(), new_product(client)
    carts = [put_in_cart(client, guest() | once, product).json()["id"] for _ in range(2)]
    assert carts[0] != carts[1]


def test_an_id_of_the_address_in_the_other_case_is_the_same_request(client: httpx.Client) -> None:
    product, once = new_product(client, stock=1), key()
    answer = client.post(f"/products/{product['id']}/stock", json={"quantity": 5}, headers=ADMIN | once)
    for path in (f"/products/{product['id'].upper()}/stock", f"/products/{product['id']}/stock/"):
        assert good(client.post(path, json={"quantity": 5}, headers=ADMIN | once)) == good(answer)
    assert good(client.get(f"/products/{product['id']}", headers=seen(answer)))["stock"] == 6


def test_a_key_belongs_to_the_ids_of_its_address(client: httpx.Client) -> None:
    once = key()
    for product in (new_product(client, stock=1), new_product(client, stock=1)):
        answer = client.post(f"/products/{product['id']}/stock", json={"quantity": 5}, headers=ADMIN | once)
        good(answer)
        assert good(client.get(f"/products/{product['id']}", headers=seen(answer)))["stock"] == 6


def test_a_key_belongs_to_its_method_and_path(client: httpx.Client) -> None:
    who, once, product = guest(), key(), new_product(client)
    put_in_cart(client, who | once, product)
    good(client.post("/orders", headers=who | once), 201)
    good(client.delete("/cart", headers=who | once))


def test_a_refused_command_records_nothing(client: httpx.Client) -> None:
    who, once = guest(), key()
    refused(client.post("/orders", headers=who | once), 400, "cart_empty")
    put_in_cart(client, who, new_product(client))
    good(client.post("/orders", headers=who | once), 201)


@pytest.mark.contract_row("POST", "/orders", 400)
@pytest.mark.parametrize("bad", ["", "k" * 129, "k\xe9", "注文", "a\tb"])
def test_a_key_has_1_to_128_printable_ascii_characters(client: httpx.Client, bad: str) -> None:
    raw = {name.encode(): value.encode() for name, value in (guest() | {"Idempotency-Key": bad}).items()}
    answer = refused(client.post("/orders", headers=raw), 400, "bad_idempotency_key")
    assert "1 to 128 printable ASCII characters" in answer["error"]


def test_a_key_of_128_characters_of_any_such_kind_will_do(client: httpx.Client) -> None:
    who = guest()
    once = {"Idempotency-Key": "k ~/#%" * 21 + "12"}
    assert len(once["Idempotency-Key"]) == 128
    put_in_cart(client, who, new_product(client))
    first = client.post("/orders", headers=who | once)
    assert client.post("/orders", headers=who | once).json() == good(first, 201)


@pytest.mark.contract_row("POST", "/orders", 400)
def test_two_keys_are_refused_and_the_same_one_twice_is_one(client: httpx.Client) -> None:
    who, one, other = guest(), key(), key()
    put_in_cart(client, who, new_product(client))
    lines = list(who.items())
    refused(client.post("/orders", headers=[*lines, *one.items(), *other.items()]), 400, "bad_idempotency_key")
    good(client.post("/orders", headers=[*lines, *one.items(), *one.items()]), 201)
