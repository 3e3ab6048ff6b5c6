"""Lists, page by page."""

import httpx
import pytest

from entrypoints.http.tokens import Signer
from tests.support.running_shop import SECRET_KEY
from tests.support.shopping import ADMIN, Json, good, guest, new_order, new_product, refused, seen

LISTS = [("/products", "id"), ("/api/admin/orders", "id"), ("/api/admin/inventory", "product_id")]

OF_ANOTHER_SHOP = Signer(b"another").sign("after", ("a", "b"))
OF_ANOTHER_LIST = Signer(SECRET_KEY.encode()).sign("after", [1, 2, 3])


def all_pages(client: httpx.Client, url: str | None, headers: dict[str, str]) -> list[list[Json]]:
    """Follow the links from this page to the last."""
    pages = []
    while url:
        answer = client.get(url, headers=headers)
        pages.append(good(answer))
        url = answer.links.get("next", {}).get("url")
        assert len(pages) < 1_000
    return pages


@pytest.fixture(scope="module")
def orders(connected: httpx.Client) -> list[str]:
    """Give the ids of seven orders of one shopper, oldest first."""
    who = guest()
    placed = [new_order(connected, who) for _ in range(7)]
    return [who["X-User-ID"], *(order["id"] for order in placed)]


def test_the_links_lead_through_all_orders_newest_first(client: httpx.Client, orders: list[str]) -> None:
    who = {"X-User-ID": orders[0]}
    pages = all_pages(client, "/orders?limit=3", who)
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [order["id"] for page in pages for order in page] == orders[:0:-1]
    times = [order["created_at"] for page in pages for order in page]
    assert times == sorted(times, reverse=True)


def test_a_full_last_page_has_no_link(client: httpx.Client, orders: list[str]) -> None:
    assert [len(page) for page in all_pages(client, "/orders?limit=7", {"X-User-ID": orders[0]})] == [7]


def test_what_comes_in_between_moves_nothing(client: httpx.Client, orders: list[str]) -> None:
    who = {"X-User-ID": orders[0]}
    first = client.get("/orders?limit=4", headers=who)
    new_order(client, who)
    rest = good(client.get(first.links["next"]["url"], headers=who))
    assert [order["id"] for order in good(first)[-3:] + rest][-3:] == orders[3:0:-1]


def test_an_offset_leaves_rows_out(client: httpx.Client, orders: list[str]) -> None:
    who = {"X-User-ID": orders[0]}
    everything = good(client.get("/orders", headers=who))
    assert good(client.get("/orders?limit=2&offset=3", headers=who)) == everything[3:5]
    assert good(client.get("/orders?offset=1000", headers=who)) == []


@pytest.mark.parametrize(("path", "name"), LISTS)
def test_every_list_has_each_row_once_over_its_pages(
    client: httpx.Client, path: str, name: str, orders: list[str]
) -> None:
    whole = [row[name] for row in good(client.get(f"{path}?limit=1000", headers=ADMIN))]
    assert len(whole) >= len(orders) - 1
    pages = all_pages(client, f"{path}?limit=5", ADMIN)
    assert [row[name] for page in pages for row in page] == whole
    assert len(set(whole)) == len(whole)


@pytest.mark.parametrize(
    "path", ["/products", "/orders", "/api/admin/orders", "/api/admin/inventory", "/api/admin/events/x"]
)
@pytest.mark.parametrize(
    "wrong", ["limit=0", "limit=1001", "limit=-1", "limit=ten", "limit=2.5", "limit=", f"limit={'9' * 5000}"]
)
def test_a_limit_out_of_bounds_is_refused_and_named(client: httpx.Client, path: str, wrong: str) -> None:
    body = refused(client.get(f"{path}?{wrong}", headers=ADMIN | guest()), 400, "invalid_request")
    assert set(body["fields"]) == {"limit"}


@pytest.mark.parametrize("path", ["/products", "/orders", "/api/admin/orders", "/api/admin/inventory"])
@pytest.mark.parametrize("wrong", ["offset=-1", "offset=x", f"offset={2**31 + 1}", f"offset={10**30}"])
def test_an_offset_out_of_bounds_is_refused_and_named(client: httpx.Client, path: str, wrong: str) -> None:
    body = refused(client.get(f"{path}?{wrong}", headers=ADMIN | guest()), 400, "invalid_request")
    assert set(body["fields"]) == {"offset"}


@pytest.mark.parametrize(
    "path", ["/products", "/orders", "/api/admin/orders", "/api/admin/inventory", "/api/admin/events/x"]
)
@pytest.mark.parametrize("value", ["", "x", "%00", OF_ANOTHER_SHOP, OF_ANOTHER_LIST])
def test_a_cursor_that_is_none_of_the_list_s_is_refused(client: httpx.Client, path: str, value: str) -> None:
    refused(client.get(f"{path}?after={value}", headers=ADMIN | guest()), 400, "bad_cursor")


def test_a_sold_out_product_stays_in_the_list(client: httpx.Client) -> None:
    product = new_product(client, stock=1)
    new_order(client, guest(), product)
    (row,) = [each for each in good(client.get("/products?limit=1000")) if each["id"] == product["id"]]
    assert row["stock"] == 0


def test_a_deleted_product_leaves_the_list(client: httpx.Client) -> None:
    product = new_product(client)
    gone = client.delete(f"/products/{product['id']}", headers=ADMIN)
    assert product["id"] not in [each["id"] for each in good(client.get("/products?limit=1000", headers=seen(gone)))]
