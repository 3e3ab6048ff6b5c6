"""What tests of the HTTP API do again and again, on any client that speaks to a shop."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

from tests.support.api_document import Row
from tests.support.running_shop import ADMIN_TOKEN

ADMIN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
Json = dict[str, Any]


def guest() -> dict[str, str]:
    """Give the header of a shopper who was never here."""
    return {"X-User-ID": str(uuid4())}


def refused(answer: httpx.Response, status: int, code: str) -> Json:
    """Check that it is this refusal, with a sentence; give its body."""
    assert answer.status_code == status, answer.text
    body: Json = answer.json()
    assert body["code"] == code, body
    assert " " in body["error"]
    assert body["request_id"] == answer.headers["X-Request-ID"]
    return body


def good(answer: httpx.Response, status: int = 200) -> Any:  # noqa: ANN401 - whatever the row answers
    """Check that it is a good answer; give its body."""
    assert answer.status_code == status, answer.text
    return answer.json()


def seen(answer: httpx.Response) -> dict[str, str]:
    """Give the header by which a read waits for this write."""
    return {"X-Consistency-Token": answer.headers["X-Consistency-Token"], "Prefer": "wait=10"}


def new_product(client: httpx.Client, **fields: object) -> Json:
    """Bring a product into the catalogue; later reads show it."""
    body = {"name": "煎茶 100g", "description": "", "price": 1_080, "stock": 10} | fields
    answer = client.post("/products", json=body, headers=ADMIN)
    product: Json = good(answer, 201)
    good(client.get(f"/products/{product['id']}", headers=seen(answer)))
    return product


def put_in_cart(client: httpx.Client, who: dict[str, str], product: Json, quantity: int = 1) -> httpx.Response:
    """Add units to a cart."""
    body = {"product_id": product["id"], "quantity": quantity}
    answer = client.post("/cart/items", json=body, headers=who)
    good(answer)
    return answer


def new_order(client: httpx.Client, who: dict[str, str], product: Json | None = None, quantity: int = 1) -> Json:
    """Place an order of one line; later reads show it."""
    put_in_cart(client, who, product or new_product(client), quantity)
    answer = client.post("/orders", headers=who)
    order: Json = good(answer, 201)
    good(client.get(f"/orders/{order['id']}", headers=who | seen(answer)))
    return order


def paid_order(client: httpx.Client, who: dict[str, str]) -> Json:
    """Place an order and pay it."""
    order = new_order(client, who)
    good(client.post(f"/orders/{order['id']}/pay", headers=who))
    return order


BODIES: dict[tuple[str, str], Json] = {
    ("POST", "/products"): {"name": "急須", "price": 6_600},
    ("PUT", "/products/{id}"): {"name": "急須", "price": 6_600},
    ("PUT", "/products/{id}/image"): {"image_url": "/images/kyusu.jpg"},
    ("POST", "/products/{id}/stock"): {"quantity": 1},
    ("POST", "/cart/items"): {"quantity": 1},
}
"""What each row takes at least, but for the product id of a cart's line."""


def request_for(client: httpx.Client, row: Row) -> Callable[..., httpx.Response]:
    """Prepare the shop so that the row has a good answer; give what asks for it, with more or other headers, address or body."""
    who = ADMIN if row.who == "admin" else guest() if row.who in {"shopper", "owner"} else {}
    address, body = row.path, dict(BODIES.get((row.method, row.path), {}))
    if row.path.startswith("/orders/"):
        order = paid_order(client, guest()) if row.path.endswith("/ship") else new_order(client, who)
        address = address.replace("{id}", order["id"])
    elif "{" in row.path or (row.writes and row.who == "shopper"):
        product = new_product(client)
        for name in ("{id}", "{product_id}", "{aggregate_id}"):
            address = address.replace(name, product["id"])
        if row.path == "/cart/items":
            body["product_id"] = product["id"]
        elif row.who == "shopper":
            put_in_cart(client, who, product)

    def ask(*, headers: dict[str, str] | None = None, url: str = address, **more: Any) -> httpx.Response:  # noqa: ANN401
        if row.writes and not more and row.method != "DELETE":
            more = {"json": body}
        return client.request(row.method, url, headers=who | (headers or {}), **more)

    return ask
