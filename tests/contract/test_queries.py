"""What every read half owes, as `core.ports.queries` says it: events go in through the consumer, rows come out for people.

Here an empty shop, and how far the rows have come; products, carts with orders, and pages have suites of their own.
"""

from core.ports.projection_store import Change, Parked, ProjectionStore
from core.ports.queries import Progress, Queries
from core.ports.views import CartView
from tests.contract.changes import LIVE
from tests.contract.projected_shop import ALL, Shop


def test_an_empty_shop_shows_nothing(queries: Queries) -> None:
    assert queries.products(ALL) == []
    assert queries.inventory(ALL) == []
    assert queries.orders(ALL) == []
    assert queries.product("tea") is None
    assert queries.order("o") is None
    assert queries.cart("u") == CartView("cart-u", "u", (), 0)
    assert queries.shelves(["tea"]) == {}


def test_progress_tells_how_far_each_stream_is_projected(shop: Shop, queries: Queries) -> None:
    shop.create("tea")
    shop.delete("tea")

    assert queries.progress(["tea", "never"]) == {"tea": Progress(2, parked=False), "never": Progress(0, parked=False)}


def test_progress_tells_what_is_parked(shop: Shop, projections: ProjectionStore, queries: Queries) -> None:
    shop.create("tea")
    with projections.transaction() as transaction:
        cursor, row, _ = transaction.lock(["tea"])[LIVE]["tea"]
        transaction.save({LIVE: [Change("tea", cursor, cursor, row, Parked("tea", 2, "broken", 1, 2))]})

    assert queries.progress(["tea"]) == {"tea": Progress(1, parked=True)}
