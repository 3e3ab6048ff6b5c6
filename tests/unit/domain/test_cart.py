"""What a cart takes, and what it costs."""

import pytest

from core.domain.cart import (
    Cart,
    CartCleared,
    CartFull,
    CartLine,
    ItemAddedToCart,
    ItemRemovedFromCart,
    LineNotFound,
    QuantityTooLarge,
    cart_id_of,
)
from core.domain.errors import Invalid
from tests.unit.domain.given import AT, LATER, folded, given


def added(product_id: str = "tea", quantity: int = 1, price: int = 500) -> ItemAddedToCart:
    return ItemAddedToCart("cart-mai", "mai", product_id, quantity, price, AT)


FULL = [added(f"product-{number}") for number in range(30)]


def test_a_cart_is_named_after_its_shopper() -> None:
    assert cart_id_of("mai") == "cart-mai"
    assert cart_id_of("guest-1") == "cart-guest-1"


def test_a_product_is_added_at_the_price_that_was_shown() -> None:
    given(Cart).when(lambda cart: cart.add("mai", "tea", 2, 500, AT)).then(added(quantity=2))


def test_adding_a_product_twice_sums_the_quantity_and_takes_the_newer_price() -> None:
    cart = folded(Cart(), added(quantity=2, price=500), added("cup"), added(quantity=3, price=450))

    assert list(cart.lines.values()) == [CartLine("tea", 5, 450), CartLine("cup", 1, 500)]
    assert cart.total == 5 * 450 + 500


@pytest.mark.parametrize("quantity", [1, 10_000])
def test_1_to_10_000_units_can_be_added(quantity: int) -> None:
    given(Cart).when(lambda cart: cart.add("mai", "tea", quantity, 500, AT)).then(added(quantity=quantity))


@pytest.mark.parametrize("quantity", [-1, 0, 10_001])
def test_another_quantity_is_refused_naming_the_bounds(quantity: int) -> None:
    given(Cart).when(lambda cart: cart.add("mai", "tea", quantity, 500, AT)).then_refused(
        Invalid, "invalid", "quantity", "1 to 10,000", f"not {quantity:,}", field="quantity"
    )


def test_a_line_takes_exactly_10_000_units() -> None:
    nearly = given(Cart, added(quantity=9_999))

    nearly.when(lambda cart: cart.add("mai", "tea", 1, 500, AT)).then(added(quantity=1))
    nearly.when(lambda cart: cart.add("mai", "tea", 2, 500, AT)).then_refused(
        QuantityTooLarge, "quantity_too_large", "10,000", "9,999", product_id="tea", quantity=9_999
    )
    nearly.when(lambda cart: cart.add("mai", "cup", 10_000, 500, AT)).then(added("cup", 10_000))


def test_line_31_is_refused_and_line_30_is_not() -> None:
    given(Cart, *FULL[:29]).when(lambda cart: cart.add("mai", "tea", 1, 500, AT)).then(added())
    given(Cart, *FULL).when(lambda cart: cart.add("mai", "tea", 1, 500, AT)).then_refused(
        CartFull, "cart_full", "30 lines", lines=30
    )


def test_a_full_cart_still_takes_more_of_what_is_in_it() -> None:
    given(Cart, *FULL).when(lambda cart: cart.add("mai", "product-7", 5, 400, AT)).then(added("product-7", 5, 400))


def test_a_full_cart_takes_another_line_once_one_was_removed() -> None:
    removed = ItemRemovedFromCart("cart-mai", "mai", "product-7", AT)

    given(Cart, *FULL, removed).when(lambda cart: cart.add("mai", "tea", 1, 500, AT)).then(added())


def test_a_line_is_removed_whole() -> None:
    removed = ItemRemovedFromCart("cart-mai", "mai", "tea", LATER)

    given(Cart, added(), added(), added("cup")).when(lambda cart: cart.remove("tea", LATER)).then(removed)

    assert list(folded(Cart(), added(), added(), added("cup"), removed).lines) == ["cup"]


def test_a_line_that_is_not_there_cannot_be_removed() -> None:
    for events in ([], [added("cup")], [added(), ItemRemovedFromCart("cart-mai", "mai", "tea", AT)]):
        given(Cart, *events).when(lambda cart: cart.remove("tea", LATER)).then_refused(
            LineNotFound, "line_not_found", "tea", product_id="tea"
        )


def test_clearing_a_cart_takes_every_line_out_and_an_empty_one_needs_none() -> None:
    cleared = CartCleared("cart-mai", "mai", LATER, "")

    given(Cart, added(), added("cup")).when(lambda cart: cart.clear(LATER)).then(cleared)
    given(Cart).when(lambda cart: cart.clear(LATER)).then_nothing()
    given(Cart, added(), cleared).when(lambda cart: cart.clear(LATER)).then_nothing()

    cart = folded(Cart(), added(), cleared)
    assert (cart.lines, cart.total, cart.cart_id, cart.user_id) == ({}, 0, "cart-mai", "mai")


def test_a_cart_filled_again_begins_anew() -> None:
    cart = folded(Cart(), added(quantity=7), CartCleared("cart-mai", "mai", AT, ""), added(quantity=2, price=300))

    assert list(cart.lines.values()) == [CartLine("tea", 2, 300)]
