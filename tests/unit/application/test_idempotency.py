"""A command sent with a key has its effect once, however often it is sent; each time it has the first answer."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.application.carts import AddToCart, ClearCart
from core.application.executor import Answer, KeyReused, Once
from core.application.orders import CancelOrder, PayOrder, PlaceOrder
from core.application.products import CreateProduct, UpdateProduct
from core.domain.cart import CartFull
from core.domain.order import CartEmpty, OrderNotPayable
from core.ports.commit import Claim
from core.ports.event_store import OutcomeUnknown
from tests.support.commits import commit_of
from tests.unit.application.shop import BEGIN, CODEC, Crash, Shop, crash

ONCE = Once("POST /orders mai 1", "sha-256 of the request")
DAY = 24 * 60 * 60


def ordering() -> Shop:
    """Give a shop with a cart that is ready to be ordered."""
    shop = Shop()
    shop.stock("tea")
    shop.put("tea", 2)
    return shop


def orders_of(shop: Shop) -> int:
    return sum(("OrderPlaced" in [event_type for _, event_type in commit]) for commit in shop.commits())


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


ANOTHER = Once(ONCE.key, "sha-256 of another request")


def test_a_key_with_another_request_is_refused_whether_it_would_succeed_fail_or_do_nothing() -> None:
    shop = ordering()
    shop.run(PlaceOrder("0198-a", "mai"), ONCE)

    for command in (AddToCart("mai", "tea", 1), PlaceOrder("0198-b", "mai"), ClearCart("mai")):
        with pytest.raises(KeyReused) as refused:
            shop.run(command, ANOTHER)
        assert refused.value.code == "idempotency_key_reused"
    assert orders_of(shop) == 1
    assert shop.written("cart-mai") == ["ItemAddedToCart", "CartCleared"]


def test_a_failed_command_records_nothing_so_the_key_serves_the_next_try() -> None:
    shop = Shop()
    shop.stock("tea")
    with pytest.raises(CartEmpty):
        shop.run(PlaceOrder("0198-a", "mai"), ONCE)
    assert shop.disk.find_claim(ONCE.key, BEGIN) is None
    shop.put("tea")

    assert shop.run(PlaceOrder("0198-b", "mai"), ANOTHER).result.id == "0198-b"


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


def test_two_keys_are_two_commands() -> None:
    shop = Shop()
    shop.stock("tea")

    shop.run(AddToCart("mai", "tea", 2), ONCE)
    shop.run(AddToCart("mai", "tea", 2), Once("another key", ONCE.fingerprint))

    assert shop.written("cart-mai") == ["ItemAddedToCart"] * 2


def test_a_key_lasts_24_hours() -> None:
    shop = Shop()
    shop.stock("tea")
    shop.run(AddToCart("mai", "tea", 2), ONCE)

    shop.clock.advance(DAY - 1)
    assert shop.run(AddToCart("mai", "tea", 2), ONCE).result.total == 1_000
    shop.clock.advance(2)
    assert shop.run(AddToCart("mai", "tea", 2), ONCE).result.total == 2_000
    shop.clock.advance(DAY - 1)
    assert shop.run(AddToCart("mai", "tea", 2), ONCE).result.total == 2_000

    assert shop.written("cart-mai") == ["ItemAddedToCart"] * 2


def test_an_expired_key_serves_another_request() -> None:
    shop = ordering()
    shop.run(PlaceOrder("0198-a", "mai"), ONCE)
    shop.clock.advance(DAY + 1)

    with pytest.raises(CartEmpty):
        shop.run(PlaceOrder("0198-b", "mai"), ONCE)
    shop.run(AddToCart("mai", "tea", 1), ANOTHER)


@pytest.mark.parametrize(
    "command", [PlaceOrder("0198-a", "mai"), AddToCart("mai", "tea", 1), UpdateProduct("tea", "Sencha", "", 1)]
)
def test_the_first_one_costs_no_extra_store_call(command: object) -> None:
    shop = Shop(kept=100)
    shop.stock("tea")
    shop.put("tea", 2)

    assert shop.calls_of(command, ONCE) == ["commit"]


def test_the_key_is_claimed_in_the_commit_for_whoever_sent_it() -> None:
    shop = Shop()
    shop.stock("tea")

    shop.run(AddToCart("mai", "tea", 2), ONCE, actor="mai")

    held = shop.disk.find_claim(ONCE.key, BEGIN)
    assert held is not None
    assert held.owner == "mai"
    (event,) = shop.disk.read("cart-mai")
    assert event.commit_id == held.commit_id


def test_a_key_that_outlives_its_claims_lookup_is_decided_again() -> None:
    # The claim is there when the commit is refused and gone when it is looked up: a table's time to live deletes at any moment.
    shop = Shop()
    shop.stock("tea")
    value = CODEC.encode({"fingerprint": "x", "positions": [], "result": None})
    shop.disk.commit(commit_of(claims=[Claim(ONCE.key, "mai", value, None)]))
    shop.store.before = lambda call: shop.disk._claims.clear() if call == "find_claim" else None

    shop.run(AddToCart("mai", "tea", 2), ONCE)

    assert shop.written("cart-mai") == ["ItemAddedToCart"]


def test_an_error_without_a_key_asks_for_no_claim() -> None:
    shop = Shop()
    shop.store.calls.clear()

    with pytest.raises(CartEmpty):
        shop.run(PlaceOrder("0198-a", "mai"))

    assert "find_claim" not in shop.store.calls


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
