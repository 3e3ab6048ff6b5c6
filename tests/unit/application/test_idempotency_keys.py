"""The key of a command: which request it stands for, how long it lasts, and what it costs."""

import pytest

from core.application.carts import AddToCart, ClearCart
from core.application.idempotency import KeyReused, Once
from core.application.orders import PlaceOrder
from core.application.products import UpdateProduct
from core.domain.order import CartEmpty
from core.ports.commit import Claim
from tests.support.commits import commit_of
from tests.unit.application.keyed_orders import ANOTHER, ONCE, ordering, orders_of
from tests.unit.application.shop import BEGIN, CODEC, Shop

DAY = 24 * 60 * 60


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
