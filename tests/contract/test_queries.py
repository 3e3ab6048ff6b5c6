"""What every read half owes, as `core.ports.queries` says it: events go in through the consumer, rows come out for people."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from adapters.inmemory import InMemoryEventFeed, InMemoryEventStore
from adapters.serialization.codec import JsonCodec
from core.delivery.consumer import Consumer
from core.delivery.projector import Projector
from core.domain.cart import CartCleared, ItemAddedToCart, ItemRemovedFromCart, cart_id_of
from core.domain.inventory import StockAdded, StockDeducted, StockReleased, StockReserved, inventory_stream
from core.domain.order import OrderCancelled, OrderItem, OrderPaid, OrderPlaced, OrderShipped
from core.domain.product import (
    ProductCategoryAssigned,
    ProductCreated,
    ProductDeleted,
    ProductImageUpdated,
    ProductUpdated,
)
from core.ports.commit import Position
from core.ports.projection_store import Change, Parked, ProjectionStore
from core.ports.queries import After, Page, Progress, Queries, caught_up
from core.ports.views import (
    CartItemView,
    CartView,
    InventoryView,
    OrderItemView,
    OrderView,
    ProductView,
    Shelf,
)
from core.projections.rows import RowFold
from tests.support.commits import AT, adding, versions
from tests.support.environment import armed_environment

ALL = Page(limit=1000)


class Shop:
    """Events on their way to the rows. Each event happens a second after the one before; `at` tells the time of the n-th."""

    def __init__(self, projections: ProjectionStore) -> None:
        """Start empty."""
        environment, _ = armed_environment()
        self.store = InMemoryEventStore(JsonCodec(), environment)
        consumer = Consumer(self.store, projections, RowFold(JsonCodec()), environment)
        self._projector = Projector(InMemoryEventFeed(self.store, environment), consumer, environment)
        self._seconds = count(1)
        self.now = AT

    def tick(self) -> None:
        """Let a second pass."""
        self.now = AT + timedelta(seconds=next(self._seconds))

    def write(self, stream: str, *events: object) -> None:
        """Commit events at the stream's head and project them."""
        self.store.commit(adding(*events, to=stream, at_version=len(versions(self.store, stream))))
        while self._projector.step():
            pass

    def create(self, product_id: str, name: str = "Tea", price: int = 500, stock: int = 0) -> None:
        """Bring a product in, with its stock."""
        self.tick()
        self.write(product_id, ProductCreated(product_id, name, f"About {name}", price, stock, self.now))
        if stock:
            self.write(inventory_stream(product_id), StockAdded(product_id, stock, self.now))

    def delete(self, product_id: str) -> None:
        """Take a product out."""
        self.tick()
        self.write(product_id, ProductDeleted(product_id, self.now))

    def reserve(self, product_id: str, quantity: int) -> None:
        """Promise units of a product to an order."""
        self.write(inventory_stream(product_id), StockReserved(product_id, "o", quantity, self.now))

    def put(self, user_id: str, product_id: str, quantity: int = 1, price: int = 500) -> None:
        """Put units into a shopper's cart."""
        cart_id = cart_id_of(user_id)
        self.write(cart_id, ItemAddedToCart(cart_id, user_id, product_id, quantity, price, self.now))

    def order(self, order_id: str, user_id: str = "u") -> None:
        """Have an order placed."""
        self.tick()
        items = (OrderItem("tea", "Sencha", 2, 500), OrderItem("cup", "湯呑", 1, 900))
        self.write(order_id, OrderPlaced(order_id, user_id, items, 1_900, self.now))


@pytest.fixture
def shop(projections: ProjectionStore) -> Shop:
    """Give a shop whose rows are those under test."""
    return Shop(projections)


def text(seconds: int) -> str:
    """Write the time so many seconds after the start."""
    return f"2026-01-02T03:04:{5 + seconds:02}.678901Z"


def test_an_empty_shop_shows_nothing(queries: Queries) -> None:
    assert queries.products(ALL) == []
    assert queries.inventory(ALL) == []
    assert queries.orders(ALL) == []
    assert queries.product("tea") is None
    assert queries.order("o") is None
    assert queries.cart("u") == CartView("cart-u", "u", (), 0)
    assert queries.shelves(["tea"]) == {}


def test_a_product_is_shown_with_everything_its_events_say_and_its_stock(shop: Shop, queries: Queries) -> None:
    shop.create("tea", "Sencha", stock=5)
    shop.tick()
    shop.write(
        "tea", ProductUpdated("tea", "煎茶", "緑茶", 600, shop.now), ProductImageUpdated("tea", "/t.png", shop.now)
    )
    shop.tick()
    shop.write("tea", ProductCategoryAssigned("tea", "c-1", shop.now), ProductCategoryAssigned("tea", "c-2", shop.now))

    shown = ProductView("tea", "煎茶", "緑茶", 600, 5, "/t.png", ("c-1", "c-2"), text(1), text(3))

    assert queries.product("tea") == shown
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


def replace_after(page: Page, last: ProductView | OrderView) -> Page:
    """Give the page that follows."""
    return page._replace(after=After(last.created_at, last.id))


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

    assert queries.product("tea") == queries.products(ALL)[0]
    assert queries.products(ALL)[0].stock == 5
    assert queries.inventory(ALL) == [InventoryView("tea", total_stock=6, reserved_stock=1, available_stock=5)]


def test_inventory_comes_in_the_order_of_products_page_by_page(shop: Shop, queries: Queries) -> None:
    for number in range(4):
        shop.create(f"p-{number}", stock=number + 1)

    def page(page: Page) -> list[tuple[str, int]]:
        return [(inventory.product_id, inventory.total_stock) for inventory in queries.inventory(page)]

    assert page(ALL) == [("p-3", 4), ("p-2", 3), ("p-1", 2), ("p-0", 1)]
    assert page(Page(2, 1)) == [("p-2", 3), ("p-1", 2)]
    assert page(Page(2, after=After(text(2), "p-1"))) == [("p-0", 1)]


def test_a_product_without_an_inventory_has_none_of_anything(shop: Shop, queries: Queries) -> None:
    shop.create("tea")

    assert queries.inventory(ALL) == [InventoryView("tea", 0, 0, 0)]
    assert queries.products(ALL)[0].stock == 0


def test_a_cart_shows_its_lines_with_names_and_whether_they_are_to_be_had(shop: Shop, queries: Queries) -> None:
    shop.create("tea", "煎茶", price=500, stock=3)
    shop.create("cup", "Cup", price=900, stock=1)
    shop.put("u", "tea", 3, price=500)
    shop.put("u", "cup", 2, price=800)

    assert queries.cart("u") == CartView(
        "cart-u",
        "u",
        (CartItemView("tea", "煎茶", 3, 500, available=True), CartItemView("cup", "Cup", 2, 800, available=False)),
        3_100,
    )


def test_a_line_whose_product_was_deleted_stays_and_is_not_to_be_had(shop: Shop, queries: Queries) -> None:
    shop.create("tea", "煎茶", stock=3)
    shop.put("u", "tea", 1)
    shop.delete("tea")

    assert queries.cart("u").items == (CartItemView("tea", "煎茶", 1, 500, available=False),)
    assert queries.cart("u").total == 500


def test_a_line_whose_product_is_not_projected_yet_is_shown_without_a_name(shop: Shop, queries: Queries) -> None:
    shop.put("u", "tea", 2)

    assert queries.cart("u").items == (CartItemView("tea", "", 2, 500, available=True),)


def test_the_lines_of_a_cart_stand_in_the_order_they_were_first_added_in(shop: Shop, queries: Queries) -> None:
    for product_id in ("p", "z", "a"):
        shop.put("u", product_id)
    shop.put("u", "p", 4, price=700)
    shop.write("cart-u", ItemRemovedFromCart("cart-u", "u", "z", AT))
    shop.put("u", "z")

    items = queries.cart("u").items

    assert [(item.product_id, item.quantity, item.price) for item in items] == [
        ("p", 5, 700),
        ("a", 1, 500),
        ("z", 1, 500),
    ]


def test_each_shopper_has_a_cart_of_their_own(shop: Shop, queries: Queries) -> None:
    shop.put("u", "tea")
    shop.put("v", "cup")
    shop.write("cart-v", CartCleared("cart-v", "v", AT))

    assert [item.product_id for item in queries.cart("u").items] == ["tea"]
    assert queries.cart("v") == CartView("cart-v", "v", (), 0)


def test_an_order_is_shown_as_it_was_placed(shop: Shop, queries: Queries) -> None:
    shop.create("tea", "Now called something else")
    shop.order("o", "u")

    items = (OrderItemView("tea", "Sencha", 2, 500), OrderItemView("cup", "湯呑", 1, 900))
    assert queries.order("o") == OrderView("o", "u", items, 1_900, "pending", text(2), text(2))


@pytest.mark.parametrize(
    ("happened", "status"),
    [
        ([OrderPaid("o", AT)], "paid"),
        ([OrderPaid("o", AT), OrderShipped("o", AT)], "shipped"),
        ([OrderCancelled("o", "", AT)], "cancelled"),
    ],
)
def test_an_order_shows_how_far_it_has_come(shop: Shop, queries: Queries, happened: list[object], status: str) -> None:
    shop.order("o")
    shop.write("o", *happened)

    order = queries.order("o")

    assert order is not None
    assert (order.status, order.created_at, order.updated_at) == (status, text(1), text(0))


def test_orders_come_newest_first_for_one_shopper_and_for_all(shop: Shop, queries: Queries) -> None:
    for order_id, user_id in (("b", "u"), ("a", "v"), ("d", "u"), ("c", "v")):
        shop.order(order_id, user_id)

    assert [order.id for order in queries.orders(ALL)] == ["c", "d", "a", "b"]
    assert [order.id for order in queries.orders(ALL, "u")] == ["d", "b"]
    assert queries.orders(ALL, "somebody else") == []
    assert queries.orders(ALL, "u") == [queries.order("d"), queries.order("b")]


def test_orders_are_cut_into_pages_after_they_were_chosen(shop: Shop, queries: Queries) -> None:
    for number in range(6):
        shop.order(f"o-{number}", "uv"[number % 2])
    newest = queries.orders(Page(limit=1), "u")[0]

    assert [order.id for order in queries.orders(Page(2, 1), "u")] == ["o-2", "o-0"]
    assert [order.id for order in queries.orders(replace_after(Page(1), newest), "u")] == ["o-2"]
    assert [order.id for order in queries.orders(Page(2, 2))] == ["o-3", "o-2"]


def test_an_empty_shopper_is_not_every_shopper(shop: Shop, queries: Queries) -> None:
    shop.order("o", "u")

    assert queries.orders(ALL, "") == []


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


def test_progress_tells_how_far_each_stream_is_projected(shop: Shop, queries: Queries) -> None:
    shop.create("tea")
    shop.delete("tea")

    assert queries.progress(["tea", "never"]) == {"tea": Progress(2, parked=False), "never": Progress(0, parked=False)}
    assert caught_up(queries, [Position("tea", 2)])
    assert caught_up(queries, [Position("tea", 1)])
    assert not caught_up(queries, [Position("tea", 1), Position("never", 1)])
    assert not caught_up(queries, [Position("tea", 3)])


def test_progress_tells_what_is_parked(shop: Shop, projections: ProjectionStore, queries: Queries) -> None:
    shop.create("tea")
    with projections.transaction() as transaction:
        cursor, row = transaction.lock(["tea"])["tea"], transaction.rows(["tea"])["tea"]
        transaction.save([Change("tea", cursor, cursor, replace(row), Parked("tea", 2, "broken", 1, 2))])

    assert queries.progress(["tea"]) == {"tea": Progress(1, parked=True)}
