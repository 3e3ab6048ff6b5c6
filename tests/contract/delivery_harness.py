"""What the suites of the read side need of an adapter beyond its port: events to carry, damage on the way, a second client."""

from random import Random
from typing import Protocol

from adapters.inmemory import InMemoryEventFeed, InMemoryEventStore, InMemoryProjectionStore, InMemoryQueries
from adapters.serialization.codec import JsonCodec
from core.ports.event_feed import Delivery, Doorbell, EventFeed, Unreadable
from core.ports.event_store import EventStore
from core.ports.projection_store import ProjectionStore
from core.ports.queries import Queries
from tests.support.environment import armed_environment


class FeedHarness(Protocol):
    """An empty event store, and feeds of what is committed to it."""

    store: EventStore

    def feed(self, seed: int = 1) -> EventFeed:
        """Give a new consumer's view, of a feed that delays, repeats and reorders as badly as it may."""

    def calm_feed(self) -> EventFeed:
        """Give a new consumer's view, on a day when the feed does none of that, for tests of what exactly it gives."""

    def lose_images_of(self, stream: str) -> None:
        """Damage what comes with the stream's records, so that only their keys can be read."""

    def lose_keys_of(self, stream: str) -> None:
        """Damage the stream's records so that nobody can tell what they announce."""


class ReadModelHarness(Protocol):
    """One empty read model: what a projector writes, and what people read of it."""

    projections: ProjectionStore
    queries: Queries

    def another(self) -> ProjectionStore:
        """Give a second client on the same data, as another process would have."""


class MemoryFeeds:
    """Feeds of the in-memory store's log."""

    def __init__(self) -> None:
        """Start empty."""
        self._environment, _ = armed_environment()
        self._memory = InMemoryEventStore(JsonCodec(), self._environment)
        self.store: EventStore = self._memory
        self._without_image: set[str] = set()
        self._without_keys: set[str] = set()

    def feed(self, seed: int = 1) -> EventFeed:
        """Delay, repeat and reorder by the seed."""
        return InMemoryEventFeed(self._memory, self._environment, Random(seed), self._carry)

    def calm_feed(self) -> EventFeed:
        """Carry the log in its order."""
        return InMemoryEventFeed(self._memory, self._environment, carry=self._carry)

    def lose_images_of(self, stream: str) -> None:
        """Remember it for the way."""
        self._without_image.add(stream)

    def lose_keys_of(self, stream: str) -> None:
        """Remember it for the way."""
        self._without_keys.add(stream)

    def _carry(self, doorbell: Doorbell) -> Delivery:
        if doorbell.stream in self._without_keys:
            return Unreadable(doorbell.position, "the keys are damaged")
        if doorbell.stream in self._without_image:
            return Doorbell(doorbell.stream, doorbell.version, None, doorbell.position)
        return doorbell


class MemoryReadModel:
    """The in-memory projection store with its queries."""

    def __init__(self) -> None:
        """Start empty."""
        environment, _ = armed_environment()
        self._memory = InMemoryProjectionStore(environment)
        self.projections: ProjectionStore = self._memory
        self.queries: Queries = InMemoryQueries(self._memory)

    def another(self) -> ProjectionStore:
        """Memory has one client only, which any number of threads share."""
        return self.projections
