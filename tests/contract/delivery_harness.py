"""What the suites of the read side need of an adapter beyond its port: events to carry, damage on the way, a second client."""

from functools import partial
from random import Random
from typing import Protocol, cast

from adapters.inmemory import (
    InMemoryBroker,
    InMemoryBrokerFeed,
    InMemoryEventFeed,
    InMemoryEventPublisher,
    InMemoryEventStore,
    InMemoryProjectionStore,
    InMemoryQueries,
)
from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import record
from core.delivery.publishing import PublishingEventStore
from core.ports.event_feed import Delivery, Doorbell, EventFeed, Unreadable
from core.ports.event_store import EventStore
from core.ports.projection_store import ProjectionStore
from core.ports.queries import Queries
from tests.support.environment import armed_environment
from tests.support.hostile_feed import HostileFeed


class FeedHarness(Protocol):
    """An empty event store, and feeds of what is committed to it."""

    store: EventStore

    def feed(self, seed: int = 1) -> EventFeed:
        """Give a new consumer's view, of a feed that delays, repeats and reorders as badly as it may."""

    def calm_feed(self) -> EventFeed:
        """Give a new consumer's view, on a day when the feed does none of that, for tests of what exactly it gives."""

    def started_again(self, feed: EventFeed) -> EventFeed:
        """Give the view of the calm feed's consumer that was opened last, as its next process has it; this one ends here."""

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


class Damage:
    """What becomes of records on their way in memory."""

    def __init__(self) -> None:
        """Damage none."""
        self.without_image: set[str] = set()
        self.without_keys: set[str] = set()

    def carry(self, doorbell: Doorbell) -> Delivery:
        """Pass a record on, or what is left of it."""
        if doorbell.stream in self.without_keys:
            return Unreadable(doorbell.position, "the keys are damaged")
        if doorbell.stream in self.without_image:
            return Doorbell(doorbell.stream, doorbell.version, None, doorbell.position)
        return doorbell


class MemoryFeeds:
    """Feeds of the in-memory store's log."""

    def __init__(self) -> None:
        """Start empty."""
        self._environment, _ = armed_environment()
        self._memory = InMemoryEventStore(JsonCodec(), self._environment)
        self.store: EventStore = self._memory
        self._damage = Damage()

    def feed(self, seed: int = 1) -> EventFeed:
        """Delay, repeat and reorder by the seed."""
        return InMemoryEventFeed(self._memory, self._environment, Random(seed), self._damage.carry)

    def calm_feed(self) -> EventFeed:
        """Carry the log in its order."""
        return InMemoryEventFeed(self._memory, self._environment, carry=self._damage.carry)

    def started_again(self, feed: EventFeed) -> EventFeed:
        """Begin at the first event: the place dies with who had it."""
        del feed
        return self.calm_feed()

    def lose_images_of(self, stream: str) -> None:
        """Remember it for the way."""
        self._damage.without_image.add(stream)

    def lose_keys_of(self, stream: str) -> None:
        """Remember it for the way."""
        self._damage.without_keys.add(stream)


class BrokerFeeds:
    """Feeds of a topic in memory, into which the commits of a store in memory are published."""

    def __init__(self) -> None:
        """Start empty."""
        self._environment, _ = armed_environment()
        codec = JsonCodec()
        self._broker = InMemoryBroker(codec)
        publisher = InMemoryEventPublisher(self._broker, self._environment)
        memory = InMemoryEventStore(codec, self._environment)
        store = PublishingEventStore(memory, publisher, partial(record, codec), self._environment)
        self.store = cast("EventStore", store)
        self._damage = Damage()
        self._feeds = 0

    def feed(self, seed: int = 1) -> EventFeed:
        """Delay, repeat and reorder by the seed."""
        return HostileFeed(self.calm_feed(), Random(seed), lambda doorbell: doorbell)

    def calm_feed(self) -> EventFeed:
        """Give another consumer's view."""
        self._feeds += 1
        return self._open()

    def _open(self) -> EventFeed:
        return InMemoryBrokerFeed(self._broker, f"consumer-{self._feeds}", self._environment, self._damage.carry)

    def started_again(self, feed: EventFeed) -> EventFeed:
        """Give the last consumer's view once more."""
        del feed
        return self._open()

    def lose_images_of(self, stream: str) -> None:
        """Remember it for the way."""
        self._damage.without_image.add(stream)

    def lose_keys_of(self, stream: str) -> None:
        """Remember it for the way."""
        self._damage.without_keys.add(stream)


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
