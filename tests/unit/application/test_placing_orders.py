"""Placing an order: it, its reservations and the empty cart are one commit, or nothing is."""

import pytest

from core.application.orders import PlaceOrder
from core.application.products import DeleteProduct, UpdateProduct
from core.domain.inventory import OutOfStock
from core.domain.order import CartEmpty, PriceChanged, ProductUnavailable
from core.ports.commit import Position
from core.ports.views import OrderItemView, OrderView
from tests.unit.application.shop import Shop
from tests.unit.application.stocked_shop import counts, place, stocked_shop

stocked = stocked_shop  # the fixture, under the name that the tests below ask for it by


def test_an_order_its_reservations_and_the_empty_cart_are_one_commit(stocked: Shop) -> None:
    stocked.put("tea", 2)
    stocked.put("cup", 1)

    answer = stocked.run(PlaceOrder("order-1", "mai"))

    assert sorted(stocked.commits()[-1]) == [
        ("cart-mai", "CartCleared"),
        ("inventory-cup", "StockReserved"),
        ("inventory-tea", "StockReserved"),
        ("order-1", "OrderPlaced"),
    ]
    time = "2026-01-02T03:04:05.678901Z"
    items = (OrderItemView("tea", "Tea", 2, 500), OrderItemView("cup", "Cup", 1, 900))
    assert answer.result == OrderView("order-1", "mai", items, 1_900, "pending", time, time)
    assert set(answer.positions) == {
        Position("order-1", 1),
        Position("inventory-tea", 2),
        Position("inventory-cup", 2),
        Position("cart-mai", 3),
    }
    assert (counts(stocked, "tea"), counts(stocked, "cup")) == ((10, 2), (10, 1))
    assert stocked.event("cart-mai", 3).order_id == "order-1"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (UpdateProduct("cup", "Cup", "", 901), PriceChanged),
        (DeleteProduct("cup"), ProductUnavailable),
    ],
)
def test_a_product_that_changes_in_the_moment_of_the_order_is_noticed(
    stocked: Shop, change: object, error: type[Exception]
) -> None:
    stocked.put("tea")
    stocked.put("cup")
    stocked.meanwhile(change)

    with pytest.raises(error, match="Cup"):
        stocked.run(PlaceOrder("order-1", "mai"))

    assert stocked.written("order-1") == []
    assert counts(stocked) == (10, 0)


def test_a_new_name_in_the_moment_of_the_order_is_the_name_that_is_ordered(stocked: Shop) -> None:
    stocked.put("tea")
    stocked.meanwhile(UpdateProduct("tea", "Sencha", "", 500))

    assert stocked.run(PlaceOrder("order-1", "mai")).result.items[0].name == "Sencha"


def test_an_empty_cart_cannot_be_ordered(stocked: Shop) -> None:
    with pytest.raises(CartEmpty):
        stocked.run(PlaceOrder("order-1", "mai"))
    place(stocked)
    with pytest.raises(CartEmpty):
        stocked.run(PlaceOrder("order-2", "mai"))

    assert stocked.written("order-2") == []


def test_a_deleted_product_is_refused_by_name_and_nothing_is_written(stocked: Shop) -> None:
    stocked.put("tea")
    stocked.run(DeleteProduct("tea"))

    with pytest.raises(ProductUnavailable, match="Tea") as refused:
        stocked.run(PlaceOrder("order-1", "mai"))

    assert refused.value.code == "product_unavailable"
    assert stocked.written("order-1") == []


def test_a_changed_price_is_refused_until_the_product_is_added_again(stocked: Shop) -> None:
    stocked.put("tea", 2)
    stocked.run(UpdateProduct("tea", "Tea", "", 600))

    with pytest.raises(PriceChanged) as refused:
        stocked.run(PlaceOrder("order-1", "mai"))
    stocked.put("tea", 1)
    answer = stocked.run(PlaceOrder("order-1", "mai"))

    assert (refused.value.details["old_price"], refused.value.details["new_price"]) == (500, 600)
    assert answer.result.total == 3 * 600


def test_a_price_that_changed_and_changed_back_is_no_change(stocked: Shop) -> None:
    stocked.put("tea", 2)
    stocked.run(UpdateProduct("tea", "Tea", "", 600))
    stocked.run(UpdateProduct("tea", "Tea", "", 500))

    assert stocked.run(PlaceOrder("order-1", "mai")).result.total == 1_000


def test_too_little_stock_of_one_product_refuses_all_naming_it_and_what_is_left(stocked: Shop) -> None:
    stocked.put("cup", 2)
    stocked.put("tea", 11)

    with pytest.raises(OutOfStock, match="Tea") as refused:
        stocked.run(PlaceOrder("order-1", "mai"))

    assert refused.value.details == {"product_id": "tea", "name": "Tea", "left": 10}
    assert (counts(stocked, "tea"), counts(stocked, "cup")) == ((10, 0), (10, 0))
    assert stocked.written("cart-mai") == ["ItemAddedToCart", "ItemAddedToCart"]


def test_what_one_order_reserved_another_cannot(stocked: Shop) -> None:
    place(stocked, quantity=8)
    stocked.put("tea", 3)

    with pytest.raises(OutOfStock) as refused:
        stocked.run(PlaceOrder("order-2", "mai"))

    assert refused.value.details["left"] == 2


def test_a_product_that_never_had_stock_is_sold_out(shop: Shop) -> None:
    shop.stock("tea", units=0)
    shop.put("tea")

    with pytest.raises(OutOfStock, match="Tea is sold out"):
        shop.run(PlaceOrder("order-1", "mai"))
