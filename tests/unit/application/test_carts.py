"""Commands on a cart."""

from collections.abc import Iterable, Mapping

import pytest

from adapters.inmemory.projection_store import InMemoryProjectionStore
from adapters.inmemory.queries import InMemoryQueries
from adapters.system.environment import system_environment
from core.application.carts import AddToCart, ClearCart, RemoveFromCart
from core.application.products import DeleteProduct, UpdateProduct
from core.domain.cart import CartFull, LineNotFound, QuantityTooLarge
from core.domain.errors import Invalid
from core.domain.product import ProductNotFound
from core.ports.commit import Position
from core.ports.queries import QueriesUnavailable
from core.ports.views import CartItemView, CartView, Shelf
from tests.unit.application.shop import Shop


def test_a_product_is_added_at_todays_price(shop: Shop) -> None:
    shop.stock("tea", price=500)

    answer = shop.run(AddToCart("mai", "tea", 2))

    assert (answer.result.id, answer.result.user_id, answer.result.total) == ("cart-mai", "mai", 1_000)
    assert answer.positions == (Position("cart-mai", 1),)


def test_adding_twice_sums_the_quantity_at_the_newer_price(shop: Shop) -> None:
    shop.stock("tea", price=500)
    shop.put("tea", 2)
    shop.run(UpdateProduct("tea", "Tea", "", 600))

    answer = shop.run(AddToCart("mai", "tea", 3))

    assert [(line.quantity, line.price) for line in answer.result.items] == [(5, 600)]
    assert answer.result.total == 3_000


def test_a_product_that_does_not_exist_or_was_deleted_cannot_be_added(shop: Shop) -> None:
    with pytest.raises(ProductNotFound):
        shop.put("tea")
    shop.stock("tea")
    shop.run(DeleteProduct("tea"))
    with pytest.raises(ProductNotFound):
        shop.put("tea")

    assert shop.written("cart-mai") == []


def test_more_than_is_in_stock_is_accepted_in_a_cart_and_shown_as_not_available() -> None:
    shop = Shop(kept=100)
    shop.stock("tea", units=2)

    assert shop.run(AddToCart("mai", "tea", 2)).result.items[0].available
    assert not shop.run(AddToCart("mai", "tea", 1)).result.items[0].available


def test_line_31_is_refused(shop: Shop) -> None:
    for number in range(31):
        shop.stock(f"product-{number}", units=0)
    for number in range(30):
        shop.put(f"product-{number}")

    with pytest.raises(CartFull):
        shop.put("product-30")

    shop.put("product-29")
    assert len(shop.written("cart-mai")) == 31


def test_a_line_takes_10_000_units_and_a_command_1_to_10_000(shop: Shop) -> None:
    shop.stock("tea")
    shop.put("tea", 9_999)

    for quantity, error in ((2, QuantityTooLarge), (0, Invalid), (10_001, Invalid)):
        with pytest.raises(error):
            shop.put("tea", quantity)

    shop.put("tea", 1)


def test_a_line_is_removed_and_one_that_is_not_there_is_not_found(shop: Shop) -> None:
    shop.stock("tea")
    shop.put("tea")

    answer = shop.run(RemoveFromCart("mai", "tea"))

    assert answer.result == CartView("cart-mai", "mai", (), 0)
    with pytest.raises(LineNotFound):
        shop.run(RemoveFromCart("mai", "tea"))
    assert shop.written("cart-mai") == ["ItemAddedToCart", "ItemRemovedFromCart"]


def test_a_cart_is_cleared_once(shop: Shop) -> None:
    shop.stock("tea")
    shop.put("tea")

    first, second = shop.run(ClearCart("mai")), shop.run(ClearCart("mai"))

    assert first == second
    assert first.result == CartView("cart-mai", "mai", (), 0)
    assert first.positions == (Position("cart-mai", 2),)
    assert shop.written("cart-mai") == ["ItemAddedToCart", "CartCleared"]


def test_clearing_a_cart_that_never_was_writes_nothing(shop: Shop) -> None:
    answer = shop.run(ClearCart("mai"))

    assert answer.result == CartView("cart-mai", "mai", (), 0)
    assert answer.positions == (Position("cart-mai", 0),)
    assert shop.commits() == []


def test_carts_of_two_shoppers_are_two_carts(shop: Shop) -> None:
    shop.stock("tea")

    shop.put("tea", 1, user_id="mai")
    shop.put("tea", 2, user_id="ken")

    assert shop.written("cart-mai") == shop.written("cart-ken") == ["ItemAddedToCart"]


def test_names_and_availability_come_from_kept_states_where_there_are_any() -> None:
    shop = Shop(kept=100)
    shop.stock("tea", units=10)

    line = shop.run(AddToCart("mai", "tea", 2)).result.items[0]

    assert line == CartItemView("tea", "Tea", 2, 500, available=True)


def test_a_deleted_product_stays_in_the_cart_and_is_shown_as_not_available() -> None:
    shop = Shop(kept=100)
    shop.stock("tea")
    shop.stock("cup")
    shop.put("tea")
    shop.run(DeleteProduct("tea"))

    answer = shop.run(AddToCart("mai", "cup", 1))

    assert [(line.name, line.available) for line in answer.result.items] == [("Tea", False), ("Cup", True)]


class QueriesDown(InMemoryQueries):
    """The real queries behind a network that is down."""

    def shelves(self, product_ids: Iterable[str]) -> Mapping[str, Shelf]:
        del product_ids
        raise QueriesUnavailable


def test_a_read_model_that_cannot_be_reached_costs_names_and_nothing_else() -> None:
    shop = Shop(queries=QueriesDown(InMemoryProjectionStore(system_environment())))
    shop.stock("tea", price=500)

    answer = shop.run(AddToCart("mai", "tea", 2))

    assert answer.result.items == (CartItemView("tea", "", 2, 500, available=True),)
    assert answer.result.total == 1_000
    assert shop.written("cart-mai") == ["ItemAddedToCart"]
