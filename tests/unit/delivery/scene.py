"""A consumer with everything around it in memory, each part of which can be watched and broken."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.inmemory import InMemoryEventStore, InMemoryProjectionStore
from adapters.inmemory.projection_store import InMemoryTransaction
from adapters.serialization.codec import JsonCodec
from core.delivery.consumer import Consumer
from core.delivery.deep_look import DeepLook
from core.delivery.reconcile import Reconcile
from core.delivery.stream_batch import Fold
from core.domain.aggregate import Aggregate
from core.domain.inventory import Inventory, StockAdded
from core.ports.commit import Commit, Committed
from core.ports.event_feed import Doorbell
from core.ports.event_store import EventStore, Head, HeldClaim, StoreUnavailable
from core.ports.events import RecordedEvent
from core.ports.projection_store import Cursor, Parked, ProjectionUnavailable, Row
from core.projections.rows import FOLDS, STATES, RowFold
from tests.support.commits import AT, adding, new_id, versions
from tests.support.environment import armed_environment

CODEC = JsonCodec()


class Crash(BaseException):
    """The process dies here."""


def crash() -> None:
    """Die, from an armed failpoint."""
    raise Crash


class WatchedStore:
    """The store, with a list of what is read of it; `fails_after` reads it is away."""

    def __init__(self, store: EventStore) -> None:
        """Pass everything on."""
        self._store = store
        self.reads: list[tuple[str, int]] = []
        self.fails_after: int | None = None

    def read(self, stream: str, from_version: int = 1) -> Iterator[RecordedEvent]:
        """Note it, and pass it on."""
        self.reads.append((stream, from_version))
        for event in self._store.read(stream, from_version):
            if self.fails_after is not None:
                if not self.fails_after:
                    raise StoreUnavailable("the connection was lost")
                self.fails_after -= 1
            yield event

    def commit(self, commit: Commit) -> Committed:
        """Pass it on."""
        return self._store.commit(commit)

    def replay(self, segment: int = 0, segments: int = 1) -> Iterator[RecordedEvent]:
        """Pass it on."""
        return self._store.replay(segment, segments)

    def heads(self, segment: int = 0, segments: int = 1) -> Iterator[Head]:
        """Pass it on."""
        return self._store.heads(segment, segments)

    def event_ids(self, places: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
        """Pass it on."""
        return self._store.event_ids(places)

    def changed_since(self, at: datetime) -> Iterator[str]:
        """Pass it on."""
        return self._store.changed_since(at)

    def find_claim(self, key: str, at: Any) -> HeldClaim | None:  # noqa: ANN401 - passed on as it is
        """Pass it on."""
        return self._store.find_claim(key, at)

    def incarnation(self) -> str:
        """Pass it on."""
        return self._store.incarnation()


class FailingProjections(InMemoryProjectionStore):
    """The projection store, away after so many more batches; None is never."""

    batches_left: int | None = None

    @contextmanager
    def transaction(self, only: int | None = None) -> Iterator[InMemoryTransaction]:
        """Begin a batch, or be away."""
        if self.batches_left is not None:
            if not self.batches_left:
                raise ProjectionUnavailable("the database is down")
            self.batches_left -= 1
        with super().transaction(only) as transaction:
            yield transaction


class BreakableFold:
    """The fold of the rows, with a bug in it for the places in `bugs`; `folded` lists what it was given."""

    def __init__(self) -> None:
        """Start without a bug."""
        self._fold = RowFold(CODEC)
        self.bugs: set[tuple[str, int]] = set()
        self.folded: list[tuple[str, int]] = []

    def __call__(self, state: Aggregate | None, event: RecordedEvent) -> Aggregate | None:
        """Fold, or fail."""
        place = (event.stream, event.version)
        if place in self.bugs:
            raise ZeroDivisionError("a bug in the fold")
        self.folded.append(place)
        return self._fold(state, event)


class Scene:
    """An event store, a projection store, and a consumer between them."""

    def __init__(self) -> None:
        """Start empty and whole."""
        self.environment, self.failpoints = armed_environment()
        self.memory = InMemoryEventStore(CODEC, self.environment)
        self.store = WatchedStore(self.memory)
        self.projections = FailingProjections(self.environment)
        self.fold = BreakableFold()
        self.folds: dict[int, Fold] = {FOLDS: self.fold}
        self.consumer = self.new_consumer()

    def new_consumer(self) -> Consumer:
        """Give one with an empty memory, as after a crash."""
        return Consumer(self.store, self.projections, self.folds, self.environment)

    def reconcile(self, lag: Callable[[], None] = lambda: None) -> Reconcile:
        """Give what reconciles these stores; `lag` happens while it waits for the second look."""
        environment = replace(self.environment, sleep=lambda _: lag())
        return Reconcile(self.store, self.projections, self.consumer, self.deep_look(), environment)

    def deep_look(self) -> DeepLook:
        """Give what compares rows with their events, by the folds that the consumer has."""
        return DeepLook(self.store, self.projections, self.folds)

    def write(self, stream: str, *events: object) -> None:
        """Commit events at the stream's head."""
        self.memory.commit(adding(*events, to=stream, at_version=len(versions(self.memory, stream))))

    def fill(self, stream: str, events: int) -> None:
        """Commit so many StockAdded, the n-th of 10^n units: a sum says which were applied."""
        head = len(versions(self.memory, stream))
        self.write(stream, *(StockAdded(stream, 10**version, AT) for version in range(head, head + events)))

    def event(self, stream: str, version: int) -> RecordedEvent:
        """Look an event up."""
        return next(self.memory.read(stream, version))

    def doorbell(self, stream: str, version: int, event: RecordedEvent | None = None) -> Doorbell:
        """Give the doorbell of a stored event, or of the one given."""
        return Doorbell(stream, version, event or self.event(stream, version), f"{stream}/{version}")

    def ghost(self, stream: str, version: int, units: int = 7) -> Doorbell:
        """Give a doorbell of an event that the store does not have."""
        _, event_type, schema_version, data = CODEC.encode_event(StockAdded(stream, units, AT))
        event = self.event(stream, 1)._replace(
            id=new_id(), version=version, type=event_type, schema_version=schema_version, data=data
        )
        return Doorbell(stream, version, event, f"{stream}/{version}")

    def ring(self, stream: str, *versions: int) -> None:
        """Have the consumer deal with the doorbells of these versions in one batch."""
        self.consumer.handle([self.doorbell(stream, version) for version in versions])

    def ring_without_image(self, stream: str, version: int) -> None:
        """Have the consumer deal with a doorbell that nothing readable came with."""
        self.consumer.handle([Doorbell(stream, version, None, f"{stream}/{version}")])

    def replace(self, stream: str, version: int, **changes: Any) -> None:  # noqa: ANN401 - any field of an event
        """Change a stored event behind the store's back."""
        self.memory._streams[stream][version - 1] = self.event(stream, version)._replace(**changes)

    def cut(self, stream: str, head: int) -> None:
        """Lose every event beyond a version behind the store's back."""
        del self.memory._streams[stream][head:]

    def cursor(self, stream: str) -> Cursor:
        """Tell where the projector stands."""
        return self.projections.kept().standing(stream).cursor

    def version(self, stream: str) -> int:
        """Tell the version that the projector stands at, which must be the stored event's."""
        cursor = self.cursor(stream)
        assert not cursor.version or cursor.event_id == self.event(stream, cursor.version).id
        return cursor.version

    def total(self, stream: str) -> int:
        """Tell the sum of the units in a stream's row, which must be of the cursor's version."""
        row = self.projections.row(stream)
        assert isinstance(row, Row)
        assert isinstance(row.state, Inventory)
        assert row.version == self.cursor(stream).version
        return row.state.total

    def parked(self, stream: str) -> Parked | None:
        """Tell what a stream waits for."""
        return self.projections.kept().standing(stream).parked

    def counts(self) -> Mapping[str, int]:
        """Tell what the consumer has counted."""
        return dict(self.consumer.counts)


def folded(store: EventStore, stream: str) -> Aggregate | None:
    """Fold a stream's events into the domain's own state, without the code under test; None where no event is known."""
    state: Aggregate | None = None
    for recorded in store.read(stream):
        event = CODEC.decode_event(recorded)
        if event is not None:
            state = state or STATES[recorded.aggregate_type]()
            state.evolve(event)
    return state
