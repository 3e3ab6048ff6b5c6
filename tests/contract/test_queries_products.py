"""Products as people see them: with their stock, newest first, and on the shelf."""

from dataclasses import replace
from datetime import timedelta

from core.domain.inventory import StockAdded, StockDeducted, StockReleased, inventory_stream
from core.domain.product import ProductCategoryAssigned, ProductCreated, ProductImageUpdated, ProductUpdated
from core.ports.queries import ProductRow, Queries
from core.ports.views import InventoryView, ProductView, Shelf
from tests.contract.projected_shop import ALL, Shop, text
from tests.support.commits import AT


def versions_of(queries: Queries, product_id: str) -> tuple[int, int]:
    """Give the versions that a product is shown at."""
    row = queries.product(product_id)
    assert row
    return row.version, row.inventory_version


def test_a_product_is_shown_with_everything_its_events_say_and_its_stock(shop: Shop, queries: Queries) -> None:
    shop.create("tea", "Sencha", stock=5)
    shop.tick()
    shop.write(
        "tea", ProductUpdated("tea", "煎茶", "緑茶", 600, shop.now), ProductImageUpdated("tea", "/t.png", shop.now)
    )
    shop.tick()
    shop.write("tea", ProductCategoryAssigned("tea", "c-1", shop.now), ProductCategoryAssigned("tea", "c-2", shop.now))

    shown = ProductView("tea", "煎茶", "緑茶", 600, 5, "/t.png", ("c-1", "c-2"), text(1), text(3))

    assert queries.product("tea") == ProductRow(shown, version=5, inventory_version=1)
    assert queries.products(ALL) == [shown]


def test_products_come_newest_first(shop: Shop, queries: Queries) -> None:
    for product_id in ("b", "c", "a"):
        shop.create(product_id)

    assert [product.id for product in queries.products(ALL)] == ["a", "c", "b"]


def test_products_of_the_same_moment_come_by_id_backwards(shop: Shop, queries: Queries) -> None:
    for product_id in ("b", "d", "a", "c"):
        shop.write(product_id, ProductCreated(product_id, "Tea", "", 1, 0, AT))

    assert [product.id for product in queries.products(ALL)] == ["d", "c", "b", "a"]


def test_a_change_of_a_product_does_not_move_it_up(shop: Shop, queries: Queries) -> None:
    shop.create("old")
    shop.create("new")
    shop.tick()
    shop.write("old", ProductUpdated("old", "Older", "", 1, shop.now))

    assert [product.id for product in queries.products(ALL)] == ["new", "old"]


def test_whole_seconds_sort_among_their_fractions(shop: Shop, queries: Queries) -> None:
    whole = AT.replace(microsecond=0)
    for product_id, at in (
        ("b", whole),
        ("c", whole + timedelta(microseconds=1)),
        ("a", whole - timedelta(microseconds=1)),
    ):
        shop.write(product_id, ProductCreated(product_id, "Tea", "", 1, 0, at))

    assert [product.id for product in queries.products(ALL)] == ["c", "b", "a"]


def test_a_sold_out_product_stays_in_the_list_with_no_stock(shop: Shop, queries: Queries) -> None:
    shop.create("tea", stock=2)
    shop.reserve("tea", 2)

    assert [(product.id, product.stock) for product in queries.products(ALL)] == [("tea", 0)]


def test_a_deleted_product_is_shown_nowhere(shop: Shop, queries: Queries) -> None:
    shop.create("tea", stock=2)
    shop.create("cup", stock=2)
    shop.delete("tea")

    assert [product.id for product in queries.products(ALL)] == ["cup"]
    assert [inventory.product_id for inventory in queries.inventory(ALL)] == ["cup"]
    assert queries.product("tea") is None


def test_the_stock_of_a_product_is_what_is_available(shop: Shop, queries: Queries) -> None:
    shop.create("tea", stock=10)
    shop.reserve("tea", 3)
    shop.reserve("tea", 4)
    stream = inventory_stream("tea")
    shop.write(stream, StockReleased("tea", "o", 3, AT), StockDeducted("tea", "o", 4, AT))
    shop.reserve("tea", 1)

    assert queries.product("tea") == ProductRow(queries.products(ALL)[0], version=1, inventory_version=6)
    assert queries.products(ALL)[0].stock == 5
    assert queries.inventory(ALL) == [InventoryView("tea", total_stock=6, reserved_stock=1, available_stock=5)]


def test_a_product_without_an_inventory_has_none_of_anything(shop: Shop, queries: Queries) -> None:
    shop.create("tea")

    assert queries.inventory(ALL) == [InventoryView("tea", 0, 0, 0)]
    assert queries.products(ALL)[0].stock == 0
    assert queries.product("tea") == ProductRow(queries.products(ALL)[0], version=1, inventory_version=0)


def test_a_product_comes_with_the_versions_of_its_stream_and_of_its_inventory_s(shop: Shop, queries: Queries) -> None:
    shop.create("cup", stock=1)
    shop.create("tea", stock=9)
    versions = [versions_of(queries, "tea")]
    shop.write("tea", ProductUpdated("tea", "煎茶", "", 600, AT), ProductUpdated("tea", "煎茶", "", 700, AT))
    versions.append(versions_of(queries, "tea"))
    shop.reserve("tea", 1)
    versions.append(versions_of(queries, "tea"))

    assert versions == [(1, 1), (3, 1), (3, 2)]
    assert versions_of(queries, "cup") == (1, 1)


def test_an_event_that_changes_nothing_that_is_shown_moves_the_version_on(shop: Shop, queries: Queries) -> None:
    shop.create("tea", stock=2)
    before = queries.product("tea")
    assert before
    shop.write("tea", ProductImageUpdated("tea", "", AT))
    shop.write("tea", ProductUpdated("tea", "Tea", "About Tea", 500, AT))
    shop.write(inventory_stream("tea"), StockAdded("tea", 0, AT))

    after = queries.product("tea")

    assert after
    assert after.view == replace(before.view, updated_at=after.view.updated_at)
    assert (after.version, after.inventory_version) == (3, 2)


def test_shelves_show_what_is_sold_and_what_is_not_and_leave_out_what_is_not_known(
    shop: Shop, queries: Queries
) -> None:
    shop.create("tea", "煎茶", stock=3)
    shop.reserve("tea", 1)
    shop.create("cup", "Cup", stock=5)
    shop.delete("cup")
    shop.create("pot", "Pot")

    assert queries.shelves(["tea", "cup", "pot", "never"]) == {
        "tea": Shelf("煎茶", on_sale=True, available=2),
        "cup": Shelf("Cup", on_sale=False, available=5),
        "pot": Shelf("Pot", on_sale=True, available=0),
    }


def test_what_was_never_created_is_not_shown_though_it_has_other_events(shop: Shop, queries: Queries) -> None:
    shop.write("ghost", ProductUpdated("ghost", "Ghost", "", 1, AT))

    assert queries.products(ALL) == []
    assert queries.product("ghost") is None
