"""An order is placed at the prices that were shown, then paid and shipped, or cancelled."""

from collections.abc import Callable
from functools import partial

import pytest

from core.domain.cart import Cart, CartCleared, ItemAddedToCart
from core.domain.errors import DomainError, Invalid
from core.domain.order import (
    CartEmpty,
    Order,
    OrderCancelled,
    OrderItem,
    OrderNotCancellable,
    OrderNotFound,
    OrderNotPayable,
    OrderNotShippable,
    OrderNotYours,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    PriceChanged,
    ProductUnavailable,
)
from core.domain.product import HIGHEST_PRICE, Product, ProductCreated, ProductDeleted, ProductUpdated
from tests.unit.domain.given import AT, LATER, folded, given

PLACED = OrderPlaced(
    "order-1", "mai", (OrderItem("tea", "Green tea", 2, 500), OrderItem("cup", "Cup", 1, 900)), 1_900, AT
)
PAID, SHIPPED, CANCELLED = (
    OrderPaid("order-1", AT),
    OrderShipped("order-1", AT),
    OrderCancelled("order-1", "", AT, "shopper"),
)

HISTORIES: dict[str, list[object]] = {
    "pending": [PLACED],
    "paid": [PLACED, PAID],
    "shipped": [PLACED, PAID, SHIPPED],
    "cancelled": [PLACED, CANCELLED],
}

TEA, CUP = ProductCreated("tea", "Green tea", "", 500, 0, AT), ProductCreated("cup", "Cup", "", 900, 0, AT)
IN_CART = [ItemAddedToCart("cart-mai", "mai", "tea", 2, 500, AT), ItemAddedToCart("cart-mai", "mai", "cup", 1, 900, AT)]


def placing(*product_events: object, cart: list[object] | None = None) -> Callable[[Order], OrderPlaced]:
    """Order the cart, the tea's history being TEA and these events."""
    products = {"tea": folded(Product(), TEA, *product_events), "cup": folded(Product(), CUP)}
    return lambda order: order.place(
        "order-1", "mai", folded(Cart(), *(IN_CART if cart is None else cart)), products, AT
    )


def test_a_cart_is_ordered_with_names_prices_and_total() -> None:
    given(Order).when(placing()).then(PLACED)

    order = folded(Order(), PLACED)
    assert (order.status, order.user_id, order.items, order.total) == ("pending", "mai", PLACED.items, 1_900)
    assert (order.created_at, order.updated_at) == (AT, AT)


def test_an_empty_cart_cannot_be_ordered() -> None:
    for events in ([], [*IN_CART, CartCleared("cart-mai", "mai", AT, "")]):
        given(Order).when(placing(cart=events)).then_refused(CartEmpty, "cart_empty", "empty")


@pytest.mark.parametrize("price", [1_550, 501, 499])
def test_a_price_that_rose_or_fell_is_refused_with_the_old_and_the_new_one(price: int) -> None:
    given(Order).when(placing(ProductUpdated("tea", "Sencha", "", price, AT))).then_refused(
        PriceChanged,
        "price_changed",
        "Sencha",
        f"{price:,}",
        "500",
        product_id="tea",
        name="Sencha",
        old_price=500,
        new_price=price,
    )


def test_a_price_that_changed_and_changed_back_is_no_change() -> None:
    there, back = ProductUpdated("tea", "Green tea", "", 1_550, AT), ProductUpdated("tea", "Green tea", "", 500, AT)

    given(Order).when(placing(there, back)).then(PLACED)


def test_adding_the_product_again_accepts_its_new_price() -> None:
    again = ItemAddedToCart("cart-mai", "mai", "tea", 1, 600, AT)

    placed = placing(ProductUpdated("tea", "Green tea", "", 600, AT), cart=[*IN_CART, again])(Order())

    assert (placed.items[0], placed.total) == (OrderItem("tea", "Green tea", 3, 600), 3 * 600 + 900)


def test_a_name_that_changed_is_no_reason_to_refuse_and_the_order_has_the_new_one() -> None:
    placed = placing(ProductUpdated("tea", "Sencha", "", 500, AT))(Order())

    assert placed.items[0].name == "Sencha"


def test_a_deleted_product_is_refused_by_its_name_even_if_its_price_changed_too() -> None:
    for events in (
        [ProductDeleted("tea", AT)],
        [ProductUpdated("tea", "Green tea", "", 600, AT), ProductDeleted("tea", AT)],
    ):
        given(Order).when(placing(*events)).then_refused(
            ProductUnavailable, "product_unavailable", "Green tea", product_id="tea", name="Green tea"
        )


def test_a_product_without_any_history_is_refused_by_its_id() -> None:
    cart = folded(Cart(), IN_CART[0])

    given(Order).when(lambda order: order.place("order-1", "mai", cart, {"tea": Product()}, AT)).then_refused(
        ProductUnavailable, "product_unavailable", "tea", product_id="tea"
    )


def decisions(
    order_id: str = "order-1",
) -> dict[str, tuple[Callable[[Order], object], object, type[DomainError], str, set[str]]]:
    """Give per move: the decision, its event, its error with its code, and the states that it is legal in."""
    return {
        "pay": (
            lambda order: order.pay(LATER),
            OrderPaid(order_id, LATER),
            OrderNotPayable,
            "order_not_payable",
            {"pending"},
        ),
        "ship": (
            lambda order: order.ship(LATER),
            OrderShipped(order_id, LATER),
            OrderNotShippable,
            "order_not_shippable",
            {"paid"},
        ),
        "cancel": (
            lambda order: order.cancel("late", "admin", LATER),
            OrderCancelled(order_id, "late", LATER, "admin"),
            OrderNotCancellable,
            "order_not_cancellable",
            {"pending", "paid"},
        ),
    }


@pytest.mark.parametrize("state", HISTORIES)
@pytest.mark.parametrize("move", decisions())
def test_a_move_is_made_in_its_states_and_refused_in_the_others_naming_the_state(move: str, state: str) -> None:
    decide, event, error, code, legal = decisions()[move]
    decision = given(Order, *HISTORIES[state]).when(decide)

    if state in legal:
        decision.then(event)
    else:
        decision.then_refused(error, code, "order-1", f"is {state}", status=state)


def test_each_move_shows_in_the_state_and_its_time() -> None:
    for event, status in (
        (OrderPaid("order-1", LATER), "paid"),
        (OrderShipped("order-1", LATER), "shipped"),
        (OrderCancelled("order-1", "", LATER, "admin"), "cancelled"),
    ):
        order = folded(Order(), PLACED, event)
        assert (order.status, order.created_at, order.updated_at) == (status, AT, LATER)


@pytest.mark.parametrize("length", [0, 500])
def test_a_reason_may_have_up_to_500_characters(length: int) -> None:
    given(Order, PLACED).when(lambda order: order.cancel("r" * length, "shopper", LATER)).then(
        OrderCancelled("order-1", "r" * length, LATER, "shopper")
    )


def test_a_longer_reason_is_refused() -> None:
    given(Order, PLACED).when(lambda order: order.cancel("r" * 501, "shopper", LATER)).then_refused(
        Invalid, "invalid", "reason", "0 to 500 characters", "not 501", field="reason"
    )


def test_an_order_shows_itself_to_its_shopper_and_to_an_admin_alone() -> None:
    folded(Order(), PLACED).require("order-1", "mai")
    folded(Order(), PLACED).require("order-1", None)
    given(Order, PLACED).when(lambda order: order.require("order-1", "ken")).then_refused(
        OrderNotYours, "order_not_yours", "order-1", order_id="order-1"
    )
    given(Order, PLACED).when(lambda order: order.require("order-1", "")).then_refused(OrderNotYours, "order_not_yours")


def test_an_order_that_never_was_is_not_found_by_anybody() -> None:
    everybody: tuple[str | None, ...] = ("mai", "", None)
    for user_id in everybody:
        given(Order).when(partial(Order.require, order_id="order-1", user_id=user_id)).then_refused(
            OrderNotFound, "order_not_found", "order-1", order_id="order-1"
        )


def test_the_largest_order_stays_below_2_to_the_53() -> None:
    cart, products = Cart(), {}
    for number in range(30):
        product_id = f"product-{number}"
        products[product_id] = folded(Product(), Product.create(product_id, "n", "", HIGHEST_PRICE, 0, AT))
        cart.evolve(cart.add("mai", product_id, 10_000, HIGHEST_PRICE, AT))

    placed = Order.place("order-1", "mai", cart, products, AT)

    assert placed.total == cart.total == 30 * 10_000 * 100_000_000 < 2**53
