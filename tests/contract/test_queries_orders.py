"""Carts with names and what is to be had, and orders as they were placed."""

import pytest

from core.domain.cart import CartCleared, ItemRemovedFromCart
from core.domain.order import OrderCancelled, OrderPaid, OrderShipped
from core.ports.queries import Queries
from core.ports.views import CartItemView, CartView, OrderItemView, OrderView
from tests.contract.projected_shop import ALL, Shop, text
from tests.support.commits import AT


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
    shop.write("cart-v", CartCleared("cart-v", "v", AT, ""))

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
        ([OrderCancelled("o", "", AT, "shopper")], "cancelled"),
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


def test_an_empty_shopper_is_not_every_shopper(shop: Shop, queries: Queries) -> None:
    shop.order("o", "u")

    assert queries.orders(ALL, "") == []
