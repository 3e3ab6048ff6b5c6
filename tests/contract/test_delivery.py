"""What each delivery design owes, as `docs/delivery.md` says it: a committed event reaches its consumers, whatever fails on the way.

What `dual-write` loses is a strict expected failure (`tests.contract.cannot`): it is the reason for the other designs.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace

import pytest
from _pytest.mark import ParameterSet

from adapters.inmemory import InMemoryProjectionStore, InMemoryQueries
from adapters.serialization.codec import JsonCodec
from config.role import Role
from core.domain.inventory import StockAdded, inventory_stream
from core.domain.order import OrderItem, OrderPlaced
from core.domain.product import ProductCreated
from core.ports.commit import Commit
from core.ports.event_store import OutcomeUnknown
from core.ports.projection_store import ProjectionStore
from core.projections.rows import FOLDS, READ_MODELS, RowFold
from tests.contract.designs import CELLS, STORES, Delivery, Died, Place, die, open_delivery, taken_from
from tests.support.commits import AT, METADATA, adding, append, commit_of, stock_added

EMAIL = "ann@secret.example"


def on(cells: Iterable[str]) -> list[ParameterSet]:
    """Give cells as parameters, marked with what plays their store and what carries their events."""
    return [
        pytest.param(
            cell, marks=[getattr(pytest.mark, mark) for mark in (STORES[CELLS[cell][1]], CELLS[cell][2]) if mark]
        )
        for cell in cells
    ]


PUBLISHED = [cell for cell, (design, _, _) in CELLS.items() if design != "cdc"]
"""Where a publish can fail."""

RELAYED = [cell for cell, (design, _, _) in CELLS.items() if design == "outbox"]

KEEP_AN_ORDER = [cell for cell in CELLS if cell != "cdc-dynamodb-kinesis"]
"""DynamoDB's streaming to Kinesis promises none between two items."""


@pytest.fixture(params=on(CELLS))
def delivery(request: pytest.FixtureRequest, clean_up: ExitStack) -> Delivery:
    """Give a design on an empty store."""
    return open_delivery(request.param, request.getfixturevalue, clean_up)


def one_event(stream: str = "s", at_version: int = 0) -> Commit:
    """Give a commit of one event."""
    return adding(stock_added(), to=stream, at_version=at_version)


def delivered_with(delivery: Delivery, unharmed: str) -> list[Place]:
    """Commit to a stream that nothing happens to, and give all that is delivered; without that one, something else is broken."""
    delivery.commit(one_event(unharmed))
    delivered = sorted(delivery.delivered())
    if (unharmed, 1) not in delivered:
        pytest.fail(f"{unharmed!r} was not delivered")
    return delivered


def test_what_is_committed_is_delivered(delivery: Delivery) -> None:
    delivery.commit(commit_of(append("a", 0, stock_added(), stock_added()), append("b", 0)))
    delivery.commit(one_event("a", 2))

    assert sorted(delivery.delivered()) == [("a", 1), ("a", 2), ("a", 3), ("b", 1)]


def test_it_is_delivered_though_the_process_dies_right_after_its_commit(delivery: Delivery) -> None:
    delivery.failpoints.armed["write.after"] = [die]
    with pytest.raises(Died):
        delivery.commit(one_event())

    delivery.start_again()
    assert delivered_with(delivery, "later") == delivery.stored("s", "later")


@pytest.mark.parametrize("delivery", on(PUBLISHED), indirect=True)
def test_it_is_delivered_though_the_process_dies_before_it_publishes(delivery: Delivery) -> None:
    delivery.failpoints.armed["publish.before"] = [die]
    with pytest.raises(Died):
        delivery.commit(one_event())

    delivery.start_again()
    assert delivered_with(delivery, "later") == delivery.stored("s", "later")


@pytest.mark.parametrize("delivery", on(PUBLISHED), indirect=True)
def test_it_is_delivered_though_its_publish_fails(delivery: Delivery) -> None:
    delivery.publisher.unlucky = [delivery.publisher.fail]
    delivery.commit(one_event())
    if delivery.failed() != 1:
        pytest.fail("nothing failed")

    assert delivered_with(delivery, "later") == delivery.stored("s", "later")


@pytest.mark.parametrize("delivery", on(PUBLISHED), indirect=True)
def test_it_is_delivered_though_the_broker_is_away_for_a_while(delivery: Delivery) -> None:
    # Nothing was sent before: what a broker that stands still has in its sockets it takes when it goes on, wanted or not.
    with delivery.broker_away():
        delivery.commit(one_event())
    if delivery.failed() != 1:
        pytest.fail("nothing failed")

    assert sorted(set(delivered_with(delivery, "later"))) == delivery.stored("s", "later")


def test_it_is_delivered_though_answers_of_the_store_are_lost(delivery: Delivery) -> None:
    delivery.stores.lose_answers(2)
    delivery.commit(one_event())

    assert delivery.stores.lost() == 2
    assert sorted(delivery.delivered()) == delivery.stored("s")


def test_it_is_delivered_though_nobody_is_told_that_it_is_stored(delivery: Delivery) -> None:
    commit = one_event()

    def never_answer() -> None:
        raise OutcomeUnknown(commit)

    delivery.failpoints.armed["write.after"] = [never_answer]
    with pytest.raises(OutcomeUnknown):
        delivery.commit(commit)

    assert delivered_with(delivery, "later") == delivery.stored("s", "later")


@pytest.mark.parametrize("delivery", on(PUBLISHED), indirect=True)
def test_a_publish_whose_acknowledgement_is_lost_loses_nothing(delivery: Delivery) -> None:
    delivery.publisher.unlucky = [delivery.publisher.lose_acknowledgement]
    delivery.commit(one_event())
    assert delivery.failed() == 1

    delivery.go_on()

    assert set(delivery.delivered()) == {("s", 1)}


@pytest.mark.parametrize("delivery", on(RELAYED), indirect=True)
def test_a_publish_whose_acknowledgement_is_lost_is_repeated(delivery: Delivery) -> None:
    delivery.publisher.unlucky = [delivery.publisher.lose_acknowledgement]
    delivery.commit(one_event())

    delivery.go_on()

    assert delivery.delivered() == [("s", 1), ("s", 1)]
    assert delivery.stores.outbox().pending() == 0


@pytest.mark.parametrize("delivery", on(RELAYED), indirect=True)
def test_a_relay_that_dies_before_it_takes_a_mark_off_repeats_and_skips_nothing(delivery: Delivery) -> None:
    delivery.failpoints.armed["relay.before_unmark"] = [die]
    with pytest.raises(Died):
        delivery.commit(adding(stock_added(), stock_added(), to="s", at_version=0))
    assert delivery.stores.outbox().pending() == 2

    delivery.start_again()
    delivery.commit(one_event(at_version=2))

    assert delivery.delivered() == [("s", 1), ("s", 2), ("s", 1), ("s", 2), ("s", 3)]
    assert delivery.stores.outbox().pending() == 0


@pytest.mark.parametrize("delivery", on(KEEP_AN_ORDER), indirect=True)
def test_first_deliveries_of_a_stream_are_in_version_order(delivery: Delivery) -> None:
    for version in range(0, 15, 3):
        parts = [append(stream, version, *[stock_added()] * 3) for stream in ("a", "b", "c")]
        delivery.commit(commit_of(*parts))

    delivered = delivery.delivered()

    assert sorted(delivered, key=lambda place: place[0]) == delivery.stored("a", "b", "c")  # a stable sort
    assert len(delivered) == 45


@pytest.mark.parametrize("delivery", on(KEEP_AN_ORDER), indirect=True)
def test_first_deliveries_are_in_version_order_though_a_writer_is_overtaken(delivery: Delivery) -> None:
    delivery.failpoints.armed["write.after"] = [lambda: delivery.commit(one_event(at_version=1))]
    delivery.commit(one_event())

    delivered = delivery.delivered()
    if sorted(delivered) != delivery.stored("s"):
        pytest.fail(f"not each was delivered once: {delivered}")
    assert delivered == delivery.stored("s")


@pytest.mark.parametrize("delivery", on(RELAYED), indirect=True)
def test_first_deliveries_are_in_version_order_though_a_publish_fails_among_them(delivery: Delivery) -> None:
    delivery.publisher.unlucky = [delivery.publishers.publisher.publish, delivery.publisher.fail]
    delivery.commit(adding(*[stock_added()] * 3, to="s", at_version=0))
    assert delivery.failed() == 1

    delivery.commit(one_event(at_version=3))

    assert delivery.delivered() == delivery.stored("s")


def role_of(delivery: Delivery, projections: ProjectionStore) -> Role:
    """Give the projector of the rows, as its next process has it."""
    return Role(
        name=READ_MODELS,
        environment=delivery.stores.environment,
        event_store=delivery.store,
        projections=projections,
        feed=delivery.feed(),
        folds={FOLDS: RowFold(JsonCodec())},
    )


def project(role: Role) -> None:
    """Deal with what there is, until nothing came ten times in a row."""
    quiet = 0
    while quiet < 10:
        quiet = 0 if role.projector().step() else quiet + 1


def test_a_consumer_that_dies_before_its_checkpoint_gets_it_again(delivery: Delivery) -> None:
    delivery.commit(adding(stock_added(), stock_added(), to="s", at_version=0))
    role = role_of(delivery, InMemoryProjectionStore(delivery.stores.environment))
    delivery.failpoints.armed["consumer.before_checkpoint"] = [die]
    with pytest.raises(Died):
        project(role)

    assert sorted(delivery.delivered()) == delivery.stored("s")


def test_after_reconciling_the_rows_are_right_whatever_was_not_delivered(delivery: Delivery) -> None:
    projections = InMemoryProjectionStore(delivery.stores.environment)
    role = role_of(delivery, projections)
    delivery.commit(adding(ProductCreated("tea", "煎茶", "", 1_080, 0, AT), to="tea", at_version=0))
    project(role)
    delivery.failpoints.armed["write.after"] = [die]
    with pytest.raises(Died):
        delivery.commit(adding(StockAdded("tea", 7, AT), to=inventory_stream("tea"), at_version=0))
    delivery.start_again()
    delivery.go_on()
    taken_from(role.feed())  # what is delivered nevertheless gets lost there

    report = role.reconcile().look()
    role.reconcile().repair(report)

    assert [each.stream for each in report.differences] == [inventory_stream("tea")]
    product = InMemoryQueries(projections).product("tea")
    assert product
    assert (product.view.name, product.view.stock) == ("煎茶", 7)
    assert role.reconcile().look(deep=True).differences == ()


@pytest.mark.parametrize("delivery", on(PUBLISHED), indirect=True)
def test_an_email_does_not_travel(delivery: Delivery) -> None:
    placed = OrderPlaced("order-1", "guest", (OrderItem("tea", "煎茶", 1, 1_080),), 1_080, AT)
    delivery.commit(replace(adding(placed, to="order-1", at_version=0), metadata=replace(METADATA, email=EMAIL)))

    (kept,) = delivery.stores.another().read("order-1")
    assert kept.metadata.email == EMAIL
    assert delivery.delivered() == [("order-1", 1)]
    assert b"order-1" in delivery.publishers.raw()
    assert EMAIL.encode() not in delivery.publishers.raw()
