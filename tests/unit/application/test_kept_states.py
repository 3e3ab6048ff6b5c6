"""States kept between commands: a warm command is one store call and no read, and what is kept is never trusted unproved."""

import pytest

from adapters.inmemory.event_store import InMemoryEventStore
from core.application.carts import AddToCart, ClearCart, RemoveFromCart
from core.application.kept import Kept, KeptStates
from core.application.orders import CancelOrder, PayOrder, PlaceOrder, ShipOrder
from core.application.products import AddStock, ChangeProductImage, CreateProduct, DeleteProduct, UpdateProduct
from core.domain.cart import Cart
from core.domain.inventory import Inventory
from core.domain.order import CartEmpty, PriceChanged
from core.domain.product import Product, ProductNotFound
from core.ports.commit import Position
from core.ports.event_store import Conflict, OutcomeUnknown, StoreUnavailable
from tests.unit.application.shop import CODEC, Shop

ORDER = "0198-order"
"""Sorts before the stock it moves, as a UUID does."""


@pytest.mark.parametrize(
    "command",
    [
        CreateProduct("cup", "Cup", "", 900, 5),
        UpdateProduct("tea", "Sencha", "", 600),
        ChangeProductImage("tea", "/static/tea.png"),
        DeleteProduct("tea"),
        AddStock("tea", 5),
        AddToCart("mai", "tea", 1),
        RemoveFromCart("mai", "tea"),
        ClearCart("mai"),
        PlaceOrder(ORDER, "mai"),
        PayOrder("0197-order", "mai"),
        CancelOrder("0197-order", "mai", ""),
        ShipOrder("0196-order"),
    ],
)
def test_a_warm_command_is_one_store_call_and_no_read(warm_shop: Shop, command: object) -> None:
    for order_id in ("0196-order", "0197-order"):
        warm_shop.put("tea")
        warm_shop.run(PlaceOrder(order_id, "mai"))
    warm_shop.run(PayOrder("0196-order", None))
    warm_shop.put("tea")

    assert warm_shop.calls_of(command) == ["commit"]


def test_a_cold_command_reads_each_stream_once_and_checks_no_read_model(warm_shop: Shop) -> None:
    warm_shop.put("tea")

    cold = warm_shop.another()

    assert cold.calls_of(PlaceOrder(ORDER, "mai")) == [
        "incarnation",
        "read cart-mai from 1",
        "read tea from 1",
        "read inventory-tea from 1",
        "commit",
    ]


def test_an_error_made_of_a_stale_state_is_decided_again_on_what_is_stored(warm_shop: Shop) -> None:
    warm_shop.put("tea", 2)
    warm_shop.run(ClearCart("mai"))
    warm_shop.another().put("tea", 3)

    answer = warm_shop.run(PlaceOrder(ORDER, "mai"))

    assert answer.result.items[0].quantity == 3


def test_an_error_that_is_still_one_on_what_is_stored_is_raised_after_one_more_look(warm_shop: Shop) -> None:
    warm_shop.put("tea")
    warm_shop.run(ClearCart("mai"))
    warm_shop.store.calls.clear()

    with pytest.raises(CartEmpty):
        warm_shop.run(PlaceOrder(ORDER, "mai"))

    assert warm_shop.store.calls == ["read cart-mai from 1"]


def test_nothing_to_do_on_a_stale_state_is_decided_again_on_what_is_stored(warm_shop: Shop) -> None:
    warm_shop.another().run(UpdateProduct("tea", "Tea", "", 600))

    answer = warm_shop.run(UpdateProduct("tea", "Tea", "", 500))  # what the kept state says already

    assert warm_shop.written("tea") == ["ProductCreated", "ProductUpdated", "ProductUpdated"]
    assert answer.positions == (Position("tea", 3),)


def test_the_positions_of_a_command_that_changed_nothing_are_those_that_are_stored(warm_shop: Shop) -> None:
    other = warm_shop.another()
    other.run(UpdateProduct("tea", "Tea", "", 600))
    other.run(UpdateProduct("tea", "Tea", "", 500))

    assert warm_shop.run(UpdateProduct("tea", "Tea", "", 500)).positions == (Position("tea", 3),)


def test_an_error_made_of_a_stale_quote_is_decided_again(warm_shop: Shop) -> None:
    late = warm_shop.another(kept=100)
    with pytest.raises(ProductNotFound):
        late.put("cup")  # so it keeps that there is none
    warm_shop.stock("cup")

    late.put("cup")

    assert late.written("cart-mai") == ["ItemAddedToCart"]


def test_an_error_made_of_a_stale_quote_alone_is_decided_again(warm_shop: Shop) -> None:
    late = warm_shop.another(kept=100)
    with pytest.raises(ProductNotFound):
        late.put("cup")
    warm_shop.stock("cup")

    late.put("cup", user_id="ken")  # whose cart is not kept: only the quote can be doubted

    assert late.written("cart-ken") == ["ItemAddedToCart"]


def test_a_conflict_drops_what_was_kept_and_the_command_is_decided_again(warm_shop: Shop) -> None:
    warm_shop.put("tea", 2)
    warm_shop.another().put("tea", 3)
    warm_shop.store.calls.clear()

    answer = warm_shop.run(AddToCart("mai", "tea", 4))

    assert warm_shop.store.calls == ["commit", "read cart-mai from 1", "commit"]
    assert answer.result.items[0].quantity == 9


def test_a_conflict_on_a_stream_that_is_only_checked_drops_it_too(warm_shop: Shop) -> None:
    warm_shop.put("tea")
    warm_shop.another().run(UpdateProduct("tea", "Sencha", "", 500))

    answer = warm_shop.run(PlaceOrder(ORDER, "mai"))

    assert answer.result.items[0].name == "Sencha"


def test_an_unknown_outcome_drops_what_was_kept(warm_shop: Shop) -> None:
    warm_shop.put("tea", 2)
    warm_shop.lose_requests(1_000)
    with pytest.raises(OutcomeUnknown):
        warm_shop.put("tea", 3)
    warm_shop.lose_requests(0)

    assert warm_shop.repository.kept(Cart, "cart-mai") is None
    assert warm_shop.calls_of(AddToCart("mai", "tea", 4)) == ["read cart-mai from 1", "commit"]


def test_a_kept_state_never_changes_under_those_who_decide_on_it(warm_shop: Shop) -> None:
    warm_shop.put("tea", 2)
    kept = warm_shop.repository.kept(Cart, "cart-mai")
    assert kept is not None
    before = kept.state.copy()

    warm_shop.put("tea", 3)
    warm_shop.lose_requests(1_000)
    with pytest.raises(OutcomeUnknown):
        warm_shop.put("tea", 4)

    assert kept.state == before


def test_a_state_is_published_only_once_its_commit_is_acknowledged(warm_shop: Shop) -> None:
    seen = []

    def look() -> None:
        kept = warm_shop.repository.kept(Product, "tea")
        seen.append(kept and kept.version)

    warm_shop.failpoints.armed = {"write.before": [look], "write.after": [look]}
    warm_shop.run(UpdateProduct("tea", "Sencha", "", 600))
    look()

    assert seen == [1, 1, 2]


def test_a_quote_is_at_most_5_seconds_old(warm_shop: Shop) -> None:
    warm_shop.put("tea")
    warm_shop.another().run(UpdateProduct("tea", "Tea", "", 600))

    warm_shop.clock.advance(5.0)
    assert warm_shop.run(AddToCart("mai", "tea", 1)).result.items[0].price == 500
    warm_shop.clock.advance(0.001)
    assert warm_shop.run(AddToCart("mai", "tea", 1)).result.items[0].price == 600


def test_a_price_is_as_old_as_the_commit_that_set_it_however_late_its_acknowledgement(warm_shop: Shop) -> None:
    warm_shop.failpoints.armed["write.after"] = [lambda: warm_shop.clock.advance(5.001)]
    warm_shop.run(UpdateProduct("tea", "Tea", "", 600))
    warm_shop.another().run(UpdateProduct("tea", "Tea", "", 700))

    assert warm_shop.run(AddToCart("mai", "tea", 1)).result.items[0].price == 700


def test_an_old_quote_is_found_out_by_the_order_and_adding_again_accepts_the_new_price(warm_shop: Shop) -> None:
    warm_shop.put("tea")
    warm_shop.another().run(UpdateProduct("tea", "Tea", "", 600))

    with pytest.raises(PriceChanged):
        warm_shop.run(PlaceOrder(ORDER, "mai"))
    warm_shop.put("tea")

    assert warm_shop.run(PlaceOrder(ORDER, "mai")).result.total == 1_200


def test_every_kept_state_is_dropped_when_the_store_was_made_anew(warm_shop: Shop) -> None:
    warm_shop.put("tea", 2)
    new_life = warm_shop.store.inner = InMemoryEventStore(
        CODEC, warm_shop.environment or warm_shop.clock.environment(warm_shop.failpoints)
    )
    Shop(memory=new_life, clock=warm_shop.clock).stock("tea", price=700)

    warm_shop.clock.advance(60)

    assert warm_shop.calls_of(AddToCart("mai", "tea", 1)) == [
        "incarnation",
        "read cart-mai from 1",
        "read tea from 1",
        "commit",
    ]
    assert [event.data.count(b'"price":700') for event in new_life.read("cart-mai")] == [1]


def test_every_kept_state_is_dropped_while_the_store_cannot_be_asked_whether_it_is_the_same(warm_shop: Shop) -> None:
    def unavailable(call: str) -> None:
        if call == "incarnation":
            raise StoreUnavailable

    warm_shop.store.before = unavailable
    warm_shop.clock.advance(60)

    assert warm_shop.calls_of(UpdateProduct("tea", "Sencha", "", 500)) == ["incarnation", "read tea from 1", "commit"]


def test_the_store_is_asked_whether_it_is_the_same_at_the_start_and_once_a_minute(warm_shop: Shop) -> None:
    assert warm_shop.store.calls.count("incarnation") == 1
    for _ in range(12):
        warm_shop.clock.advance(9.999)
        warm_shop.put("tea")

    assert warm_shop.store.calls.count("incarnation") == 2


def test_the_same_store_keeps_what_is_kept(warm_shop: Shop) -> None:
    warm_shop.clock.advance(60)

    assert warm_shop.calls_of(AddStock("tea", 1)) == ["incarnation", "commit"]


def test_the_first_commit_of_a_process_leaves_its_states_for_the_second(warm_shop: Shop) -> None:
    fresh = Shop(kept=100)
    fresh.stock("tea")

    assert fresh.calls_of(AddStock("tea", 1)) == ["commit"]


def test_a_command_that_lost_every_race_leaves_nothing_kept_that_is_stale(warm_shop: Shop) -> None:
    warm_shop.meanwhile(*[AddStock("tea", 1)] * 1_000)
    with pytest.raises(Conflict):
        warm_shop.run(AddStock("tea", 5))

    kept = warm_shop.repository.load(Inventory, "inventory-tea")
    stored = warm_shop.repository.load(Inventory, "inventory-tea", fresh=True)
    assert (kept.version, kept.state) == (stored.version, stored.state)
    assert stored.state.total == 10 + stored.version - 1


def test_a_kept_state_of_another_kind_is_not_used(warm_shop: Shop) -> None:
    assert warm_shop.repository.kept(Product, "tea")
    assert warm_shop.repository.kept(Cart, "tea") is None


def kept_at(version: int) -> Kept:
    return Kept(version, Inventory(total=version), 0.0)


def test_only_so_many_states_are_kept_and_the_one_unused_longest_goes() -> None:
    states = KeptStates(2)
    states.put("a", kept_at(1))
    states.put("b", kept_at(1))
    assert states.get("a")

    states.put("c", kept_at(1))

    assert [stream for stream in "abc" if states.get(stream)] == ["a", "c"]


def test_an_older_state_never_replaces_a_newer_one() -> None:
    states = KeptStates(2)
    states.put("a", kept_at(2))

    states.put("a", kept_at(1))

    assert states.get("a") == kept_at(2)


def test_keeping_none_keeps_none() -> None:
    states = KeptStates(0)

    states.put("a", kept_at(1))

    assert states.get("a") is None
