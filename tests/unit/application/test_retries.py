"""What a command does when it loses a race or an answer, what its events carry, and how it queues."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from core.application.carts import AddToCart, ClearCart
from core.application.executor import Context
from core.application.orders import CancelOrder, PlaceOrder, ShipOrder
from core.application.products import AddStock, CreateProduct, UpdateProduct
from core.application.work import Work
from core.domain.inventory import Inventory, StockAdded
from core.domain.order import OrderItem, OrderPaid, OrderPlaced
from core.ports.commit import Position
from core.ports.environment import Environment
from core.ports.event_store import Conflict, OutcomeUnknown, StoreUnavailable
from tests.contract.harness import Failpoints
from tests.support.commits import adding
from tests.unit.application.shop import BEGIN, Clock, Shop

ADD = AddStock("tea", 1)


def stocked(budget: float = 2.0, environment: Environment | None = None, clock: Clock | None = None) -> Shop:
    failpoints = Failpoints()
    clock = clock or Clock()
    shop = Shop(budget=budget, clock=clock, failpoints=failpoints, environment=environment)
    shop.stock("tea", units=1)
    return shop


def test_a_command_that_loses_a_race_is_decided_again() -> None:
    shop = stocked()
    shop.meanwhile(*[ADD] * 3)

    shop.run(AddStock("tea", 100))

    assert shop.repository.load(Inventory, "inventory-tea").state.total == 1 + 3 + 100


def test_each_try_has_its_own_commit_id() -> None:
    shop = stocked()
    shop.meanwhile(ADD, ADD)

    shop.run(ADD)

    ids = [commit.id for commit in shop.store.commits]
    assert len(set(ids)) == len(ids) == 1 + 3  # the one that created the product, and three tries


def test_the_pauses_between_tries_double_from_5_to_250_milliseconds() -> None:
    shop = stocked()
    shop.meanwhile(*[ADD] * 8)

    shop.run(ADD)

    assert shop.clock.pauses == [0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.25, 0.25]


def test_a_pause_is_a_random_time_up_to_that() -> None:
    clock, failpoints, asked = Clock(), Failpoints(), list[float]()

    def jitter(most: float) -> float:
        asked.append(most)
        return most / 5

    environment = replace(clock.environment(failpoints), jitter=jitter)
    shop = Shop(clock=clock, failpoints=failpoints, environment=environment)
    shop.stock("tea", units=1)
    shop.meanwhile(*[ADD] * 4)

    shop.run(ADD)

    assert asked == [0.005, 0.01, 0.02, 0.04]
    assert clock.pauses == [0.001, 0.002, 0.004, 0.008]


def test_a_command_that_keeps_losing_ends_in_conflict_once_its_budget_is_spent() -> None:
    shop = stocked(budget=2.0)
    shop.meanwhile(*[ADD] * 1_000)

    with pytest.raises(Conflict):
        shop.run(AddStock("tea", 100))

    assert 2.0 <= shop.clock.seconds < 2.3
    assert "StockAdded" in shop.written("inventory-tea")
    assert shop.repository.load(Inventory, "inventory-tea").state.total == len(shop.written("inventory-tea"))


def test_a_larger_budget_lasts_longer() -> None:
    shop = stocked(budget=60.0)
    shop.meanwhile(*[ADD] * 200)

    shop.run(ADD)

    assert 45 < shop.clock.seconds < 60


def test_the_time_that_the_tries_themselves_take_is_counted() -> None:
    shop = stocked(budget=2.0)
    shop.meanwhile(*[ADD] * 1_000)
    shop.store.before = lambda call: shop.clock.advance(0.9 if call == "commit" else 0)

    with pytest.raises(Conflict):
        shop.run(ADD)

    assert len(shop.store.commits) == 1 + 3  # the one that created the product, then 0.9 + 0.9 + 0.9 s


def test_the_time_of_a_decision_that_leaned_on_a_kept_state_is_counted() -> None:
    shop = Shop(kept=100, budget=2.0)
    shop.stock("tea", units=1)
    shop.put("tea", 10_000)
    shop.another().run(ClearCart("mai"))  # the cart that is kept is full, the one that is stored is empty
    shop.repository.drop("tea")
    shop.meanwhile(*[AddToCart("mai", "tea", 1)] * 10)
    shop.store.before = lambda call: shop.clock.advance(1.9 if call == "read tea from 1" else 0)
    shop.store.commits.clear()

    with pytest.raises(Conflict):
        shop.put("tea")

    assert len(shop.store.commits) == 1


def queued_for(seconds: float, clock: Clock, failpoints: Failpoints) -> Environment:
    """Give an environment whose every lock is had after so many seconds."""
    environment = clock.environment(failpoints)

    @contextmanager
    def locked(keys: Iterable[str]) -> Iterator[None]:
        with environment.locked(keys):
            clock.advance(seconds)
            yield

    return replace(environment, locked=locked)


def test_queueing_does_not_count() -> None:
    clock, failpoints = Clock(), Failpoints()
    shop = Shop(budget=2.0, clock=clock, failpoints=failpoints, environment=queued_for(100.0, clock, failpoints))
    shop.stock("tea", units=1)
    shop.meanwhile(*[ADD] * 5)

    shop.run(ADD)

    assert clock.seconds > 600


def test_a_budget_of_nothing_is_one_try() -> None:
    shop = stocked(budget=0.0)
    shop.meanwhile(ADD)

    with pytest.raises(Conflict):
        shop.run(ADD)

    assert shop.clock.pauses == []


def test_a_lost_acknowledgement_is_success_once() -> None:
    shop = stocked()
    shop.lose_answers(1)

    answer = shop.run(AddToCart("mai", "tea", 2))

    assert answer.positions == (Position("cart-mai", 1),)
    assert shop.written("cart-mai") == ["ItemAddedToCart"]


def test_a_command_that_lost_every_answer_is_success_once() -> None:
    shop = stocked()
    shop.put("tea")
    shop.lose_answers(1_000)

    assert shop.run(PlaceOrder("0198-a", "mai")).result.status == "pending"
    assert shop.written("0198-a") == ["OrderPlaced"]


def test_a_lost_request_is_sent_again() -> None:
    shop = stocked()
    shop.lose_requests(2)

    shop.run(AddToCart("mai", "tea", 2))

    assert shop.written("cart-mai") == ["ItemAddedToCart"]


def test_an_unknown_outcome_carries_the_commit_with_the_positions_it_would_have() -> None:
    shop = stocked()
    shop.put("tea")
    shop.lose_requests(1_000)

    with pytest.raises(OutcomeUnknown) as unknown:
        shop.run(PlaceOrder("0198-a", "mai"))

    assert set(unknown.value.commit.positions) == {
        Position("0198-a", 1),
        Position("inventory-tea", 2),
        Position("cart-mai", 2),
    }
    assert shop.written("0198-a") == []


def test_an_unknown_outcome_is_not_tried_again_under_another_id() -> None:
    shop = stocked()
    shop.lose_requests(1_000)

    with pytest.raises(OutcomeUnknown):
        shop.run(AddToCart("mai", "tea", 2))

    assert shop.store.calls.count("commit") == 2  # the product's, and this one


def test_a_store_that_cannot_be_reached_is_said_to_be_and_not_tried_for_ever() -> None:
    shop = stocked()
    shop.store.reachable = False

    for command in (ADD, CreateProduct("cup", "Cup", "", 900, 0)):
        with pytest.raises(StoreUnavailable):
            shop.run(command)
    assert shop.clock.pauses == []


def test_every_event_of_a_commit_carries_who_asked_for_it_and_why() -> None:
    shop = stocked()
    shop.put("tea")

    shop.commands.run(PlaceOrder("0198-a", "mai"), Context("mai", "request-7", "click-6", "ja"))

    events = [
        next(shop.disk.read(stream, 1 if stream == "0198-a" else 2))
        for stream in ("0198-a", "inventory-tea", "cart-mai")
    ]
    metadata = events[0].metadata
    assert (metadata.actor, metadata.correlation_id, metadata.causation_id) == ("mai", "request-7", "click-6")
    assert (metadata.command, metadata.locale) == ("PlaceOrder", "ja")
    assert [event.metadata for event in events] == [metadata] * 3
    assert metadata.email == ""
    assert len({event.commit_id for event in events}) == 1
    assert len({event.id for event in events}) == 3
    assert {event.created_at for event in events} == {BEGIN}


def test_a_try_after_a_conflict_is_decided_at_its_own_time() -> None:
    shop = stocked()
    shop.meanwhile(ADD)

    shop.run(AddStock("tea", 7))

    assert shop.event("inventory-tea", 3).added_at > shop.event("inventory-tea", 2).added_at  # type: ignore[attr-defined]


def test_an_order_whose_stream_sorts_behind_its_stock_is_shipped_all_the_same() -> None:
    # Locks are taken in sorted order; such a decision starts over with the lock it wanted too late.
    shop = stocked()
    shop.stock("tea-2", units=5)
    items = (OrderItem("tea-2", "Tea", 1, 500), OrderItem("tea", "Tea", 1, 500))
    placed = OrderPlaced("z-order", "mai", items, 1_000, BEGIN)
    shop.disk.commit(adding(placed, OrderPaid("z-order", BEGIN), to="z-order", at_version=0))

    shop.run(ShipOrder("z-order"))

    assert shop.commits()[-1] == [
        ("z-order", "OrderShipped"),
        ("inventory-tea", "StockDeducted"),
        ("inventory-tea-2", "StockDeducted"),
    ]


def test_a_decision_that_locks_step_by_step_never_waits_for_a_lock_that_sorts_before_one_it_holds() -> None:
    clock, failpoints, held, had = Clock(), Failpoints(), list[str](), list[list[str]]()
    environment = clock.environment(failpoints)

    @contextmanager
    def locked(keys: Iterable[str]) -> Iterator[None]:
        (key,) = keys
        with environment.locked((key,)):
            held.append(key)
            had.append(held.copy())
            yield
            held.remove(key)

    def step_by_step(work: Work, _command: object) -> str:
        for stream in ("inventory-b", "inventory-c", "inventory-a"):
            work.edit(Inventory, stream)
            work.append(Inventory, stream, StockAdded(stream, 1, work.at))
        return "done"

    shop = Shop(clock=clock, failpoints=failpoints, environment=replace(environment, locked=locked))

    assert shop.executor.run(step_by_step, None, str, Context()).result == "done"

    assert all(locks == sorted(locks) for locks in had)
    assert had[-1] == ["inventory-a", "inventory-b", "inventory-c"]
    assert len(shop.commits()) == 1


def test_locks_are_let_go_whatever_a_command_comes_to() -> None:
    shop = stocked()
    shop.run(ADD)
    shop.put("tea")
    shop.meanwhile(UpdateProduct("tea", "Sencha", "", 600))
    with pytest.raises(Exception, match="Sencha now costs"):
        shop.run(PlaceOrder("0198-a", "mai"))
    shop.lose_requests(1_000)
    with pytest.raises(OutcomeUnknown):
        shop.run(ClearCart("mai"))
    shop.lose_requests(0)
    with pytest.raises(Exception, match="no order"):
        shop.run(CancelOrder("0198-a", None, ""))

    shop.put("tea")  # would wait for ever
    shop.run(PlaceOrder("0198-a", "mai"))
    shop.run(CancelOrder("0198-a", None, ""))
