"""Pages behind one another: their cursors belong to one list, and nothing that happens meanwhile ends a list early."""

from collections.abc import Iterator

import httpx
import pytest
from dependency_injector import providers

from core.application.executor import Context
from core.application.products import DeleteProduct
from core.ports.queries import ProductRow, Queries
from tests.support.in_process import client_of, new_shop
from tests.support.shopping import ADMIN, good, guest, new_order, refused
from tests.support.waiting import wait_until

Asked = tuple[str, dict[str, str]]


@pytest.fixture
def lists(client: httpx.Client) -> list[Asked]:
    """Give lists of two rows or more, each with who may ask for it."""
    shoppers = [guest(), guest()]
    orders = [new_order(client, who) for who in shoppers for _ in range(2)]
    streams = [f"inventory-{order['items'][0]['product_id']}" for order in orders[:2]]
    return [
        ("/products", {}),
        *(("/orders", who) for who in shoppers),
        ("/api/admin/orders", ADMIN),
        ("/api/admin/inventory", ADMIN),
        *((f"/api/admin/events/{stream}", ADMIN) for stream in streams),
    ]


def next_of(answer: httpx.Response) -> str:
    """Give the cursor that was handed out."""
    return httpx.URL(answer.links["next"]["url"]).params["after"]


def test_a_cursor_that_another_list_handed_out_is_refused(client: httpx.Client, lists: list[Asked]) -> None:
    cursors = [next_of(client.get(path, params={"limit": 1}, headers=who)) for path, who in lists]
    for asked, (path, who) in enumerate(lists):
        for given, cursor in enumerate(cursors):
            answer = client.get(path, params={"limit": 1, "after": cursor}, headers=who)
            if asked == given:
                assert len(good(answer)) == 1
            else:
                refused(answer, 400, "bad_cursor")


def test_a_cursor_is_good_for_an_id_of_its_list_in_either_case(client: httpx.Client) -> None:
    order = new_order(client, guest())
    stream = f"inventory-{order['items'][0]['product_id']}"
    first = client.get(f"/api/admin/events/{stream}", params={"limit": 1}, headers=ADMIN)
    again = f"/api/admin/events/inventory-{stream[-36:].upper()}"
    (event,) = good(client.get(again, params={"limit": 1, "after": next_of(first)}, headers=ADMIN))
    assert event["version"] == 2


class Deleting:
    """Queries of a shop whose admin deletes a product just before it is looked up."""

    def __init__(self, inner: Queries, delete: Iterator[None]) -> None:
        """Stand before `inner`."""
        self._inner = inner
        self._delete = delete

    def __getattr__(self, name: str) -> object:
        """Give what the inner object has."""
        return getattr(self._inner, name)

    def product(self, product_id: str) -> ProductRow | None:
        next(self._delete, None)
        return self._inner.product(product_id)


def test_a_product_deleted_while_a_page_of_stock_is_read_does_not_end_the_list() -> None:
    shop = new_shop()
    queries: Queries = shop.queries()
    doomed: list[str] = []

    def deletions() -> Iterator[None]:
        for product_id in doomed:
            shop.commands().run(DeleteProduct(product_id), Context("admin"))
            wait_until(lambda gone=product_id: queries.product(gone) is None)  # type: ignore[misc]
            yield

    shop.queries.override(providers.Object(Deleting(queries, deletions())))
    with client_of(shop) as client:
        # The first look is new_product's own.
        products = [create(client) for _ in range(6)]
        doomed += [products[4], products[3]]
        url: str | None = "/api/admin/inventory?limit=2"
        shown: list[str] = []
        while url:
            answer = client.get(url, headers=ADMIN)
            shown += [row["product_id"] for row in good(answer)]
            url = answer.links.get("next", {}).get("url")
    assert shown == [products[5], products[2], products[1], products[0]]


def test_a_page_of_stock_that_never_holds_still_is_a_refusal_and_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = new_shop()
    with client_of(shop) as client:
        for _ in range(2):
            create(client)
        monkeypatch.setattr(shop.queries(), "product", lambda _product_id: None)
        answer = client.get("/api/admin/inventory?limit=1", headers=ADMIN)
    refused(answer, 503, "read_model_unavailable")
    assert answer.headers["Retry-After"]


def create(client: httpx.Client) -> str:
    """Bring a product in that lists show, without looking it up by its id."""
    answer = client.post("/products", json={"name": "煎茶", "price": 1}, headers=ADMIN)
    good(client.get("/products", headers={"X-Consistency-Token": answer.headers["X-Consistency-Token"]}))
    return str(answer.json()["id"])
