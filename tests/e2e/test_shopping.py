"""What a shopper expects: carts that outlive changes of the catalogue, and orders that say why not."""

import re
from uuid import uuid4

import httpx
import pytest

from tests.support.shopping import ADMIN, good, guest, new_order, new_product, paid_order, put_in_cart, refused, seen

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def test_a_product_shows_what_it_was_made_of(client: httpx.Client) -> None:
    made = new_product(client, name="抹茶 30g", description="宇治", price=1_620, stock=40)
    assert made == good(client.get(f"/products/{made['id']}"))
    assert {name: made[name] for name in ("name", "description", "price", "stock")} == {
        "name": "抹茶 30g",
        "description": "宇治",
        "price": 1_620,
        "stock": 40,
    }
    assert INSTANT.fullmatch(made["created_at"])
    assert INSTANT.fullmatch(made["updated_at"])


def test_changes_of_a_product_are_shown(client: httpx.Client) -> None:
    product = new_product(client, stock=5)
    url = f"/products/{product['id'].upper()}"
    good(client.put(url, json={"name": "新茶", "description": "五月", "price": 2_000}, headers=ADMIN))
    good(client.put(f"{url}/image", json={"image_url": "https://images.example/tea.jpg"}, headers=ADMIN))
    answer = client.post(f"{url}/stock", json={"quantity": 7}, headers=ADMIN)
    image = client.put(f"{url}/image", json={"image_url": "https://images.example/tea.jpg"}, headers=ADMIN)
    tokens = ",".join(each.headers["X-Consistency-Token"] for each in (answer, image))
    shown = good(client.get(url, headers={"X-Consistency-Token": tokens, "Prefer": "wait=10"}))
    assert (shown["name"], shown["price"], shown["stock"]) == ("新茶", 2_000, 12)
    assert shown["image_url"] == "https://images.example/tea.jpg"


def test_a_deleted_product_is_gone(client: httpx.Client) -> None:
    product = new_product(client)
    url = f"/products/{product['id']}"
    gone = client.delete(url, headers=ADMIN)
    refused(client.get(url, headers=seen(gone)), 404, "product_not_found")
    refused(client.delete(url, headers=ADMIN), 404, "product_not_found")


def test_a_cart_sums_its_lines(client: httpx.Client) -> None:
    who, tea, pot = guest(), new_product(client, price=1_000), new_product(client, name="急須", price=6_600)
    put_in_cart(client, who, tea, 2)
    put_in_cart(client, who, pot, 1)
    answer = put_in_cart(client, who, tea, 3)
    user_id = f"guest-{who['X-User-ID']}"
    expected = {
        "id": f"cart-{user_id}",
        "user_id": user_id,
        "items": [
            {"product_id": tea["id"], "name": tea["name"], "quantity": 5, "price": 1_000, "available": True},
            {"product_id": pot["id"], "name": "急須", "quantity": 1, "price": 6_600, "available": True},
        ],
        "total": 11_600,
    }
    assert answer.json() == expected
    assert good(client.get("/cart", headers=who | seen(answer))) == expected


def test_a_line_that_is_taken_out_is_gone_and_cannot_be_taken_out_again(client: httpx.Client) -> None:
    who, product = guest(), new_product(client)
    put_in_cart(client, who, product)
    assert good(client.delete(f"/cart/items/{product['id']}", headers=who))["items"] == []
    refused(client.delete(f"/cart/items/{product['id']}", headers=who), 404, "line_not_found")


def test_a_cart_takes_30_lines(client: httpx.Client) -> None:
    who = guest()
    products = [new_product(client) for _ in range(31)]
    for product in products[:30]:
        put_in_cart(client, who, product)
    body = {"product_id": products[30]["id"], "quantity": 1}
    refused(client.post("/cart/items", json=body, headers=who), 422, "cart_full")
    put_in_cart(client, who, products[0])


def test_a_line_takes_10_000_units(client: httpx.Client) -> None:
    who, product = guest(), new_product(client, stock=1)
    cart = put_in_cart(client, who, product, 10_000).json()
    assert cart["items"][0]["available"] is False
    body = {"product_id": product["id"], "quantity": 1}
    refused(client.post("/cart/items", json=body, headers=who), 422, "quantity_too_large")


def test_a_stock_takes_a_million_units(client: httpx.Client) -> None:
    product = new_product(client, stock=1_000_000)
    answer = client.post(f"/products/{product['id']}/stock", json={"quantity": 1}, headers=ADMIN)
    refused(answer, 422, "stock_too_large")


@pytest.mark.contract_row("POST", "/orders", 201)
def test_an_order_empties_the_cart_and_takes_its_stock(client: httpx.Client) -> None:
    who, product = guest(), new_product(client, price=500, stock=9)
    put_in_cart(client, who, product, 4)
    answer = client.post("/orders", headers=who | {"Content-Type": "application/json"})
    order = good(answer, 201)
    assert order["items"] == [{"product_id": product["id"], "name": product["name"], "quantity": 4, "price": 500}]
    assert (order["total"], order["status"], order["user_id"]) == (2_000, "pending", f"guest-{who['X-User-ID']}")
    assert INSTANT.fullmatch(order["created_at"])
    assert good(client.get("/cart", headers=who | seen(answer)))["items"] == []
    assert good(client.get(f"/products/{product['id']}", headers=seen(answer)))["stock"] == 5
    assert good(client.get("/orders", headers=who | seen(answer))) == [order]


@pytest.mark.contract_row("POST", "/orders", 400)
def test_an_empty_cart_cannot_be_ordered(client: httpx.Client) -> None:
    refused(client.post("/orders", headers=guest()), 400, "cart_empty")


@pytest.mark.contract_row("POST", "/orders", 409)
def test_an_order_beyond_the_stock_names_the_product_and_what_is_left(client: httpx.Client) -> None:
    who, product = guest(), new_product(client, name="鉄瓶", stock=3)
    put_in_cart(client, who, product, 4)
    body = refused(client.post("/orders", headers=who), 409, "out_of_stock")
    assert body["details"] == {"product_id": product["id"], "name": "鉄瓶", "left": 3}
    assert "鉄瓶" in body["error"]
    assert "3" in body["error"]
    assert len(good(client.get("/cart", headers=who))["items"]) == 1


@pytest.mark.contract_row("POST", "/orders", 409)
def test_a_sold_out_product_is_named(client: httpx.Client) -> None:
    who, product = guest(), new_product(client, name="棗", stock=0)
    put_in_cart(client, who, product)
    body = refused(client.post("/orders", headers=who), 409, "out_of_stock")
    assert body["details"]["left"] == 0
    assert "棗" in body["error"]


@pytest.mark.contract_row("POST", "/orders", 409)
def test_a_changed_price_is_told_and_accepted_by_adding_again(client: httpx.Client) -> None:
    who, product = guest(), new_product(client, name="玄米茶", price=700)
    put_in_cart(client, who, product)
    url = f"/products/{product['id']}"
    good(client.put(url, json={"name": "玄米茶", "price": 800}, headers=ADMIN))
    body = refused(client.post("/orders", headers=who), 409, "price_changed")
    assert body["details"] == {"product_id": product["id"], "name": "玄米茶", "old_price": 700, "new_price": 800}
    assert "玄米茶" in body["error"]

    put_in_cart(client, who, product)
    order = good(client.post("/orders", headers=who), 201)
    assert (order["total"], order["items"][0]["price"]) == (1_600, 800)


def test_a_price_that_changed_and_changed_back_is_no_change(client: httpx.Client) -> None:
    who, product = guest(), new_product(client, price=700)
    put_in_cart(client, who, product)
    for price in (800, 700):
        good(client.put(f"/products/{product['id']}", json={"name": "x", "price": price}, headers=ADMIN))
    assert good(client.post("/orders", headers=who), 201)["total"] == 700


@pytest.mark.contract_row("POST", "/orders", 409)
def test_a_deleted_product_stays_in_the_cart_and_cannot_be_ordered(client: httpx.Client) -> None:
    who, product = guest(), new_product(client, name="風呂敷")
    put_in_cart(client, who, product)
    gone = client.delete(f"/products/{product['id']}", headers=ADMIN)
    (line,) = good(client.get("/cart", headers=who | seen(gone)))["items"]
    assert (line["name"], line["available"]) == ("風呂敷", False)
    body = refused(client.post("/orders", headers=who), 409, "product_unavailable")
    assert "風呂敷" in body["error"]
    assert body["details"]["product_id"] == product["id"]
    assert good(client.delete(f"/cart/items/{product['id']}", headers=who))["items"] == []


@pytest.mark.contract_row("POST", "/orders/{id}/pay", 409)
@pytest.mark.contract_row("POST", "/orders/{id}/cancel", 409)
@pytest.mark.contract_row("POST", "/orders/{id}/ship", 409)
def test_an_order_goes_one_way_and_each_wrong_turn_names_its_state(client: httpx.Client) -> None:
    who = guest()
    order = paid_order(client, who)
    url = f"/orders/{order['id']}"
    assert "paid" in refused(client.post(f"{url}/pay", headers=who), 409, "order_not_payable")["error"]
    shipped = client.post(f"{url}/ship", headers=ADMIN)
    assert good(client.get(url, headers=who | seen(shipped)))["status"] == "shipped"
    assert "shipped" in refused(client.post(f"{url}/cancel", headers=who), 409, "order_not_cancellable")["error"]
    assert "shipped" in refused(client.post(f"{url}/ship", headers=ADMIN), 409, "order_not_shippable")["error"]


@pytest.mark.contract_row("POST", "/orders/{id}/ship", 409)
def test_an_unpaid_order_is_not_shipped(client: httpx.Client) -> None:
    order = new_order(client, guest())
    body = refused(client.post(f"/orders/{order['id']}/ship", headers=ADMIN), 409, "order_not_shippable")
    assert "pending" in body["error"]


def test_cancelling_frees_the_stock_once(client: httpx.Client) -> None:
    who, product = guest(), new_product(client, stock=10)
    order = new_order(client, who, product, 4)
    url = f"/orders/{order['id']}/cancel"
    cancelled = client.post(url, json={"reason": "色違い"}, headers=who)
    good(cancelled)
    refused(client.post(url, headers=who), 409, "order_not_cancellable")
    assert good(client.get(f"/products/{product['id']}", headers=seen(cancelled)))["stock"] == 10


def test_an_admin_sees_and_handles_the_orders_of_all(client: httpx.Client) -> None:
    order = new_order(client, guest())
    url = f"/orders/{order['id']}"
    assert good(client.get(url, headers=ADMIN)) == order
    good(client.post(f"{url}/pay", headers=ADMIN | guest()))
    done = client.post(f"{url}/cancel", headers=ADMIN)
    assert good(client.get(url, headers=ADMIN | seen(done)))["status"] == "cancelled"


def test_nobody_touches_the_order_or_cart_of_another(client: httpx.Client) -> None:
    who, product = guest(), new_product(client)
    order = new_order(client, who, product)
    put_in_cart(client, who, product)
    for path in ("pay", "cancel"):
        refused(client.post(f"/orders/{order['id']}/{path}", headers=guest()), 403, "order_not_yours")
    stranger = guest()
    assert good(client.get("/cart", headers=stranger))["items"] == []
    assert good(client.get("/orders", headers=stranger)) == []
    refused(client.delete(f"/cart/items/{product['id']}", headers=stranger), 404, "line_not_found")
    assert good(client.get(f"/orders/{order['id']}", headers=who))["status"] == "pending"


def test_the_inventory_tells_what_is_there_promised_and_left(client: httpx.Client) -> None:
    who, product = guest(), new_product(client, stock=10)
    new_order(client, who, product, 4)
    (shown,) = [
        row
        for row in good(client.get("/api/admin/inventory?limit=1000", headers=ADMIN))
        if row["product_id"] == product["id"]
    ]
    assert shown == {"product_id": product["id"], "total_stock": 10, "reserved_stock": 4, "available_stock": 6}


def test_a_product_of_nobody_cannot_be_put_in_a_cart(client: httpx.Client) -> None:
    body = {"product_id": str(uuid4()), "quantity": 1}
    refused(client.post("/cart/items", json=body, headers=guest()), 404, "product_not_found")
