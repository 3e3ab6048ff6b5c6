"""A command sent with a key has its effect once, though it races its own repeat, or a crash or a lost request comes between."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.application.executor import Answer
from core.application.orders import PlaceOrder
from core.application.products import CreateProduct
from core.domain.cart import Cart
from core.domain.inventory import Inventory
from core.domain.product import Product
from core.ports.event_store import OutcomeUnknown
from tests.unit.application.keyed_orders import ONCE, ordering, orders_of
from tests.unit.application.shop import Crash, Shop, crash


def at_once(*attempts: Callable[[], Answer[Any]]) -> list[Answer[Any]]:
    """Run all at the same moment, each in its thread."""
    answers: list[Answer[Any]] = []
    start = threading.Barrier(len(attempts))

    def run(attempt: Callable[[], Answer[Any]]) -> None:
        start.wait(10)
        answers.append(attempt())

    threads = [threading.Thread(target=run, args=(attempt,)) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == len(attempts)
    return answers


@pytest.mark.parametrize("kept", [0, 100])
def test_an_order_repeated_at_the_same_time_is_one_order_with_the_same_answer(kept: int) -> None:
    for _ in range(10):
        shop = Shop(kept)
        shop.stock("tea")
        shop.put("tea", 2)
        other = shop.another(kept)
        answers = at_once(
            lambda shop=shop: shop.run(PlaceOrder("0198-a", "mai"), ONCE),  # type: ignore[misc]
            lambda shop=shop: shop.run(PlaceOrder("0198-b", "mai"), ONCE),  # type: ignore[misc]
            lambda other=other: other.run(PlaceOrder("0198-c", "mai"), ONCE),  # type: ignore[misc]
            lambda other=other: other.run(PlaceOrder("0198-d", "mai"), ONCE),  # type: ignore[misc]
        )

        assert answers == [answers[0]] * 4
        assert orders_of(shop) == 1


def test_the_loser_of_two_at_the_same_moment_answers_as_the_winner() -> None:
    shop, twin = ordering(), []
    other = shop.another()

    def overtake() -> None:
        shop.failpoints.armed.clear()
        twin.append(other.run(PlaceOrder("0198-b", "mai"), ONCE))

    shop.failpoints.armed["write.before"] = [overtake]
    answer = shop.run(PlaceOrder("0198-a", "mai"), ONCE)

    assert [answer] == twin
    assert answer.result.id == "0198-b"
    assert orders_of(shop) == 1


def test_the_loser_of_two_forgets_what_it_had_kept() -> None:
    shop = Shop(kept=100)
    shop.stock("tea")
    shop.put("tea", 2)
    other = shop.another()

    def overtake() -> None:
        shop.failpoints.armed.clear()
        other.run(PlaceOrder("0198-b", "mai"), ONCE)

    shop.failpoints.armed["write.before"] = [overtake]
    shop.run(PlaceOrder("0198-a", "mai"), ONCE)

    assert shop.repository.kept(Cart, "cart-mai") is None
    assert shop.repository.kept(Inventory, "inventory-tea") is None
    assert shop.repository.kept(Product, "tea") is None


def test_the_loser_of_two_that_write_to_different_streams_answers_as_the_winner_too() -> None:
    shop = Shop()
    other = shop.another()

    def overtake() -> None:
        shop.failpoints.armed.clear()
        other.run(CreateProduct("b", "Tea", "", 500, 1), ONCE)

    shop.failpoints.armed["write.before"] = [overtake]

    assert shop.run(CreateProduct("a", "Tea", "", 500, 1), ONCE).result.id == "b"
    assert shop.written("a") == []


def test_an_order_whose_answer_died_with_the_process_is_answered_by_the_repeat() -> None:
    shop = ordering()
    shop.failpoints.armed["write.after"] = [crash]
    with pytest.raises(Crash):
        shop.run(PlaceOrder("0198-a", "mai"), ONCE)

    answer = shop.another().run(PlaceOrder("0198-b", "mai"), ONCE)

    assert answer.result.id == "0198-a"
    assert answer.result.total == 1_000
    assert {position.stream for position in answer.positions} == {"0198-a", "cart-mai", "inventory-tea"}
    assert orders_of(shop) == 1


def test_the_same_process_lives_on_after_a_crash_of_one_command() -> None:
    shop = Shop(kept=100)
    shop.stock("tea")
    shop.put("tea", 2)
    shop.failpoints.armed["write.after"] = [crash]
    with pytest.raises(Crash):
        shop.run(PlaceOrder("0198-a", "mai"), ONCE)

    assert shop.run(PlaceOrder("0198-b", "mai"), ONCE).result.id == "0198-a"


def test_a_crash_before_the_write_leaves_the_key_free() -> None:
    shop = ordering()
    shop.failpoints.armed["write.before"] = [crash]
    with pytest.raises(Crash):
        shop.run(PlaceOrder("0198-a", "mai"), ONCE)

    assert shop.run(PlaceOrder("0198-b", "mai"), ONCE).result.id == "0198-b"


def test_the_same_key_settles_an_unknown_outcome() -> None:
    shop = ordering()
    shop.lose_requests(1_000)
    with pytest.raises(OutcomeUnknown):
        shop.run(PlaceOrder("0198-a", "mai"), ONCE)
    shop.lose_requests(0)

    shop.run(PlaceOrder("0198-b", "mai"), ONCE)
    shop.run(PlaceOrder("0198-c", "mai"), ONCE)

    assert orders_of(shop) == 1
