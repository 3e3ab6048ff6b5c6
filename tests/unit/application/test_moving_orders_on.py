"""Paying, shipping and cancelling an order: it and the stock that it moves change in one commit, or not at all."""

import pytest

from core.application.carts import AddToCart
from core.application.orders import CancelOrder, PayOrder, PlaceOrder, ShipOrder
from core.application.products import CreateProduct
from core.domain.errors import Invalid
from core.domain.order import (
    Order,
    OrderItem,
    OrderNotCancellable,
    OrderNotFound,
    OrderNotPayable,
    OrderNotShippable,
    OrderNotYours,
    OrderPlaced,
)
from tests.support.commits import adding
from tests.unit.application.shop import BEGIN, Shop
from tests.unit.application.stocked_shop import counts, place, status, stocked_shop

stocked = stocked_shop  # the fixture, under the name that the tests below ask for it by


def test_an_order_is_paid_and_shipped_and_what_it_held_leaves_the_stock(stocked: Shop) -> None:
    place(stocked, quantity=3)

    stocked.run(PayOrder("order-1", "mai"))
    stocked.run(ShipOrder("order-1"))

    assert status(stocked) == "shipped"
    assert counts(stocked) == (7, 0)
    assert stocked.commits()[-2] == [("order-1", "OrderPaid")]
    assert stocked.commits()[-1] == [("order-1", "OrderShipped"), ("inventory-tea", "StockDeducted")]


@pytest.mark.parametrize("paid", [False, True])
def test_a_cancelled_order_releases_its_stock_once(stocked: Shop, *, paid: bool) -> None:
    place(stocked, quantity=3)
    if paid:
        stocked.run(PayOrder("order-1", "mai"))

    stocked.run(CancelOrder("order-1", "mai", "changed my mind"))
    with pytest.raises(OrderNotCancellable, match="cancelled"):
        stocked.run(CancelOrder("order-1", "mai", ""))

    assert (status(stocked), counts(stocked)) == ("cancelled", (10, 0))
    assert stocked.commits()[-1] == [("order-1", "OrderCancelled"), ("inventory-tea", "StockReleased")]
    assert stocked.event("order-1", 3 if paid else 2).reason == "changed my mind"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("user_id", "by"), [("mai", "shopper"), (None, "admin")])
def test_a_cancelled_order_says_who_called_it_off(stocked: Shop, user_id: str | None, by: str) -> None:
    place(stocked)

    stocked.run(CancelOrder("order-1", user_id, ""))

    assert stocked.event("order-1", 2).cancelled_by == by  # type: ignore[attr-defined]


def test_an_order_that_is_cancelled_twice_in_the_same_moment_releases_its_stock_once(stocked: Shop) -> None:
    place(stocked, quantity=3)
    stocked.meanwhile(CancelOrder("order-1", None, ""))

    with pytest.raises(OrderNotCancellable):
        stocked.run(CancelOrder("order-1", "mai", ""))

    assert stocked.written("inventory-tea").count("StockReleased") == 1


@pytest.mark.parametrize(
    ("before", "command", "error", "state"),
    [
        ((), ShipOrder("order-1"), OrderNotShippable, "pending"),
        ((PayOrder("order-1", "mai"),), PayOrder("order-1", "mai"), OrderNotPayable, "paid"),
        ((PayOrder("order-1", "mai"), ShipOrder("order-1")), ShipOrder("order-1"), OrderNotShippable, "shipped"),
        ((PayOrder("order-1", "mai"), ShipOrder("order-1")), PayOrder("order-1", "mai"), OrderNotPayable, "shipped"),
        (
            (PayOrder("order-1", "mai"), ShipOrder("order-1")),
            CancelOrder("order-1", "mai", ""),
            OrderNotCancellable,
            "shipped",
        ),
        ((CancelOrder("order-1", "mai", ""),), PayOrder("order-1", "mai"), OrderNotPayable, "cancelled"),
        ((CancelOrder("order-1", "mai", ""),), ShipOrder("order-1"), OrderNotShippable, "cancelled"),
    ],
)
def test_an_illegal_move_is_refused_naming_the_state_and_writes_nothing(
    stocked: Shop, before: tuple[object, ...], command: object, error: type[Exception], state: str
) -> None:
    place(stocked)
    for each in before:
        stocked.run(each)
    commits = stocked.commits()

    with pytest.raises(error, match=f"is {state}"):
        stocked.run(command)

    assert stocked.commits() == commits


@pytest.mark.parametrize(
    ("not_yours", "as_admin"),
    [
        (PayOrder("order-1", "ken"), PayOrder("order-1", None)),
        (CancelOrder("order-1", "ken", ""), CancelOrder("order-1", None, "")),
    ],
)
def test_another_shoppers_order_is_forbidden_and_an_admin_may(
    stocked: Shop, not_yours: object, as_admin: object
) -> None:
    place(stocked)

    with pytest.raises(OrderNotYours):
        stocked.run(not_yours)

    assert status(stocked) == "pending"
    stocked.run(as_admin)
    assert status(stocked) != "pending"


@pytest.mark.parametrize(
    "command", [PayOrder("order-1", "mai"), ShipOrder("order-1"), CancelOrder("order-1", None, "")]
)
def test_an_order_that_never_was_is_not_found(shop: Shop, command: object) -> None:
    with pytest.raises(OrderNotFound):
        shop.run(command)


def test_a_reason_of_501_characters_is_refused(stocked: Shop) -> None:
    place(stocked)

    with pytest.raises(Invalid, match="reason"):
        stocked.run(CancelOrder("order-1", "mai", "r" * 501))

    assert counts(stocked) == (10, 3)


def test_a_cart_of_30_lines_with_the_longest_names_is_ordered_shipped_and_cancelled_in_one_commit_each(
    shop: Shop,
) -> None:
    name = (
        "\x01" * 199 + "n"
    )  # six bytes each in JSON, but for the one that keeps it from being blank: no name is longer
    ids = [f"product-{number:02d}" for number in range(30)]
    for product_id in ids:
        shop.run(CreateProduct(product_id, name, "", 100_000_000, 20_000))
    for order_id in ("order-1", "order-2"):
        for product_id in reversed(ids):
            shop.run(AddToCart("mai", product_id, 10_000))
        shop.run(PlaceOrder(order_id, "mai"))
        assert len(shop.commits()[-1]) == 32

    shop.run(PayOrder("order-1", "mai"))
    shop.run(ShipOrder("order-1"))
    assert len(shop.commits()[-1]) == 31
    shop.run(CancelOrder("order-2", "mai", ""))
    assert len(shop.commits()[-1]) == 31

    assert [item.product_id for item in shop.repository.load(Order, "order-1").state.items] == ids[::-1]
    assert counts(shop, ids[0]) == (10_000, 0)


def test_an_order_whose_history_names_a_product_twice_moves_both_lines_from_one_state_of_its_stock(shop: Shop) -> None:
    items = (OrderItem("tea", "Tea", 1, 500), OrderItem("tea", "Tea", 2, 500))
    shop.stock("tea", units=10)
    shop.disk.commit(adding(OrderPlaced("0198-order", "mai", items, 1_500, BEGIN), to="0198-order", at_version=0))

    calls = shop.calls_of(CancelOrder("0198-order", "mai", ""))

    assert calls == ["read 0198-order from 1", "read inventory-tea from 1", "commit"]
    assert shop.written("inventory-tea")[1:] == ["StockReleased", "StockReleased"]
    assert counts(shop) == (10, -3)
