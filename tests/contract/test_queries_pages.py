"""Lists of products, inventory and orders page by page."""

from datetime import timedelta

from core.domain.product import ProductCreated
from core.ports.queries import After, Page, Queries
from core.ports.views import OrderView, ProductView
from tests.contract.projected_shop import ALL, Shop, text
from tests.support.commits import AT


def replace_after(page: Page, last: ProductView | OrderView) -> Page:
    """Give the page that follows."""
    return page._replace(after=After(last.created_at, last.id))


def test_a_limit_and_an_offset_cut_a_page_out(shop: Shop, queries: Queries) -> None:
    for number in range(7):
        shop.create(f"p-{number}")

    def page(limit: int, offset: int) -> list[str]:
        return [product.id for product in queries.products(Page(limit, offset))]

    assert page(3, 0) == ["p-6", "p-5", "p-4"]
    assert page(3, 3) == ["p-3", "p-2", "p-1"]
    assert page(3, 6) == ["p-0"]
    assert page(3, 7) == []


def test_the_pages_behind_one_another_are_the_list(shop: Shop, queries: Queries) -> None:
    for number in range(6):  # two of each moment
        shop.now = AT + timedelta(seconds=number // 2)
        shop.write(f"p-{number}", ProductCreated(f"p-{number}", "Tea", "", 1, 0, shop.now))
    page, seen = Page(limit=1), list[str]()

    while products := queries.products(page):
        seen += [product.id for product in products]
        page = replace_after(page, products[-1])

    assert seen == ["p-5", "p-4", "p-3", "p-2", "p-1", "p-0"]


def test_what_is_new_does_not_move_the_page_behind_a_row(shop: Shop, queries: Queries) -> None:
    for number in range(4):
        shop.create(f"p-{number}")
    first = queries.products(Page(limit=2))
    shop.create("newest")

    behind = queries.products(replace_after(Page(limit=2), first[-1]))

    assert [product.id for product in behind] == ["p-1", "p-0"]


def test_the_page_behind_a_row_that_is_gone_goes_on_where_it_was(shop: Shop, queries: Queries) -> None:
    for number in range(4):
        shop.create(f"p-{number}")
    first = queries.products(Page(limit=2))
    shop.delete("p-2")

    behind = queries.products(replace_after(Page(limit=2), first[-1]))

    assert [product.id for product in behind] == ["p-1", "p-0"]


def test_inventory_comes_in_the_order_of_products_page_by_page(shop: Shop, queries: Queries) -> None:
    for number in range(4):
        shop.create(f"p-{number}", stock=number + 1)

    def page(page: Page) -> list[tuple[str, int]]:
        return [(inventory.product_id, inventory.total_stock) for inventory in queries.inventory(page)]

    assert page(ALL) == [("p-3", 4), ("p-2", 3), ("p-1", 2), ("p-0", 1)]
    assert page(Page(2, 1)) == [("p-2", 3), ("p-1", 2)]
    assert page(Page(2, after=After(text(2), "p-1"))) == [("p-0", 1)]


def test_orders_are_cut_into_pages_after_they_were_chosen(shop: Shop, queries: Queries) -> None:
    for number in range(6):
        shop.order(f"o-{number}", "uv"[number % 2])
    newest = queries.orders(Page(limit=1), "u")[0]

    assert [order.id for order in queries.orders(Page(2, 1), "u")] == ["o-2", "o-0"]
    assert [order.id for order in queries.orders(replace_after(Page(1), newest), "u")] == ["o-2"]
    assert [order.id for order in queries.orders(Page(2, 2))] == ["o-3", "o-2"]
