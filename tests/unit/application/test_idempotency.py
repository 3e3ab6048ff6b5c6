"""A command sent with a key has its effect once, however often it is sent; each time it has the first answer."""

import pytest

from core.application.carts import AddToCart, ClearCart
from core.application.idempotency import Once
from core.application.orders import CancelOrder, PayOrder, PlaceOrder
from core.application.products import CreateProduct
from core.domain.cart import CartFull
from core.domain.order import OrderNotPayable
from tests.unit.application.keyed_orders import ONCE, ordering, orders_of
from tests.unit.application.shop import BEGIN, Shop


def test_an_order_repeated_in_turn_is_one_order_with_the_same_answer() -> None:
    shop = ordering()

    first = shop.run(PlaceOrder("0198-a", "mai"), ONCE)
    second = shop.run(PlaceOrder("0198-b", "mai"), ONCE)
    elsewhere = shop.another().run(PlaceOrder("0198-c", "mai"), ONCE)

    assert first == second == elsewhere
    assert first.result.id == "0198-a"
    assert orders_of(shop) == 1


def test_a_repeat_finds_its_answer_though_the_cart_has_filled_again_and_leaves_the_cart_alone() -> None:
    shop = ordering()
    first = shop.run(PlaceOrder("0198-a", "mai"), ONCE)
    shop.put("tea", 3)

    assert shop.run(PlaceOrder("0198-b", "mai"), ONCE) == first
    assert orders_of(shop) == 1
    assert shop.written("cart-mai")[-1] == "ItemAddedToCart"


def test_the_repeat_of_a_command_that_can_happen_once_only_is_no_error() -> None:
    shop = ordering()
    shop.run(PlaceOrder("0198-a", "mai"))
    first = shop.run(PayOrder("0198-a", "mai"), ONCE)

    assert shop.run(PayOrder("0198-a", "mai"), ONCE) == first
    with pytest.raises(OrderNotPayable):
        shop.run(PayOrder("0198-a", "mai"), Once("another key", "f"))
    with pytest.raises(OrderNotPayable):
        shop.run(PayOrder("0198-a", "mai"))


def test_the_repeat_of_a_command_that_could_happen_again_does_not() -> None:
    shop = Shop()
    shop.stock("tea")

    answers = [shop.run(AddToCart("mai", "tea", 2), ONCE) for _ in range(3)]

    assert answers == [answers[0]] * 3
    assert shop.written("cart-mai") == ["ItemAddedToCart"]


def test_a_command_that_had_nothing_to_do_is_recorded_and_its_repeat_does_nothing_though_the_cart_has_filled() -> None:
    shop = Shop()
    shop.stock("tea")
    first = shop.run(ClearCart("mai"), ONCE)
    shop.put("tea", 3)

    assert shop.run(ClearCart("mai"), ONCE) == first
    assert first.positions[0].version == 0
    assert shop.written("cart-mai") == ["ItemAddedToCart"]


def test_a_command_that_had_nothing_to_do_is_recorded_only_if_that_is_still_so() -> None:
    shop = Shop()
    shop.stock("tea")
    shop.meanwhile(AddToCart("mai", "tea", 1))

    shop.run(ClearCart("mai"), ONCE)

    assert shop.written("cart-mai") == ["ItemAddedToCart", "CartCleared"]


def test_an_answer_of_every_kind_is_given_again_as_it_was() -> None:
    shop = Shop(kept=100)
    for number, command in enumerate(
        (
            CreateProduct("tea", "緑茶", "", 500, 10),
            AddToCart("mai", "tea", 2),
            PlaceOrder("0198-a", "mai"),
            CancelOrder("0198-a", "mai", ""),
        )
    ):
        once = Once(f"key {number}", "f")
        first = shop.run(command, once)
        again = shop.run(command, once)
        assert again == first
        assert type(again.result) is type(first.result)


def test_a_full_cart_refuses_line_31_with_a_key_as_without() -> None:
    shop = Shop()
    for number in range(31):
        shop.stock(f"product-{number:02d}", units=0)
    for number in range(30):
        shop.put(f"product-{number:02d}")

    with pytest.raises(CartFull):
        shop.run(AddToCart("mai", "product-30", 1), ONCE)
    assert shop.disk.find_claim(ONCE.key, BEGIN) is None
