"""Events that an older shop wrote, in every store: loaded, projected and replayed like today's, but for what it did not say."""

import pytest

from adapters.inmemory.projection_store import InMemoryProjectionStore
from adapters.serialization.codec import JsonCodec
from core.application.repository import Repository
from core.delivery.consumer import Consumer
from core.domain.aggregate import Aggregate
from core.domain.cart import Cart, CartCleared, ItemAddedToCart
from core.domain.order import Order, OrderCancelled, OrderItem, OrderPlaced
from core.ports.event_feed import Doorbell
from core.ports.event_store import EventStore
from core.projections.rows import FOLDS, RowFold
from tests.contract.harness import EventStoreHarness
from tests.contract.old_shop import shop_of_schema
from tests.support.commits import AT, append, commit_of

PLACED = OrderPlaced("o-1", "mai", (OrderItem("tea", "煎茶", 2, 500),), 1_000, AT)
ADDED = ItemAddedToCart("cart-mai", "mai", "tea", 2, 500, AT)
WRITTEN = {
    "o-1": (PLACED, OrderCancelled("o-1", "", AT, "shopper")),
    "cart-mai": (ADDED, CartCleared("cart-mai", "mai", AT, "o-1")),
}
READ = {
    "o-1": (PLACED, OrderCancelled("o-1", "", AT, "")),
    "cart-mai": (ADDED, CartCleared("cart-mai", "mai", AT, "")),
}
"""What the older shop did not say is not made up."""

KINDS: dict[str, type[Aggregate]] = {"o-1": Order, "cart-mai": Cart}
CODEC = JsonCodec()


@pytest.fixture(params=[0, 1])
def old_store(request: pytest.FixtureRequest, store: EventStore) -> EventStore:
    """Give a store with an order that was cancelled and a cart that was ordered, both before."""
    with shop_of_schema(request.param):
        store.commit(commit_of(*(append(stream, 0, *events) for stream, events in WRITTEN.items())))
    assert {event.schema_version for stream in WRITTEN for event in store.read(stream)} == {request.param}
    return store


def folded(stream: str) -> Aggregate:
    """Give the state that today's events make."""
    state = KINDS[stream]()
    for event in WRITTEN[stream]:
        state.evolve(event)
    return state


@pytest.mark.parametrize("stream", WRITTEN)
def test_an_old_stream_is_loaded(harness: EventStoreHarness, old_store: EventStore, stream: str) -> None:
    loaded = Repository(old_store, CODEC, harness.environment).load(KINDS[stream], stream)

    assert (loaded.version, loaded.state) == (2, folded(stream))


def test_old_streams_are_projected(harness: EventStoreHarness, old_store: EventStore) -> None:
    projections = InMemoryProjectionStore(harness.environment)
    consumer = Consumer(old_store, projections, {FOLDS: RowFold(CODEC)}, harness.environment)

    consumer.handle([Doorbell(event.stream, event.version, event, "") for event in old_store.read("o-1")])
    consumer.handle([Doorbell("cart-mai", 2, None, "the event is read from the store")])

    rows = {row.stream: row.state for row in projections.all_rows()}
    assert rows == {stream: folded(stream) for stream in WRITTEN}
    assert projections.parked_streams() == []


def test_old_events_are_replayed_with_today_s_keys(old_store: EventStore) -> None:
    replayed: dict[str, list[object]] = {}
    for event in old_store.replay():
        replayed.setdefault(event.stream, []).append(CODEC.decode_event(event))

    assert {stream: tuple(events) for stream, events in replayed.items()} == READ


def test_what_is_written_after_an_old_event_says_it(old_store: EventStore) -> None:
    old_store.commit(commit_of(append("cart-mai", 2, ADDED, CartCleared("cart-mai", "mai", AT, "o-2"))))

    newest = list(old_store.read("cart-mai"))[-1]

    assert (newest.schema_version, CODEC.decode_event(newest)) == (2, CartCleared("cart-mai", "mai", AT, "o-2"))
