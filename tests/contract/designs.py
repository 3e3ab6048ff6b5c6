"""The delivery designs for their suite: each on a store, over what carries its events, and what goes wrong between them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from typing import Any, cast

from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import record
from core.delivery.publishing import PublishingEventStore
from core.delivery.relay import Relay
from core.ports.commit import Commit
from core.ports.event_feed import Doorbell, EventFeed
from core.ports.event_publisher import EventPublisher, PublishFailed
from core.ports.event_store import EventStore
from core.ports.events import RecordedEvent
from tests.contract.harness import EventStoreHarness
from tests.contract.publisher_harness import BrokerPublisher, KafkaPublisher, KinesisPublisher, PublisherHarness

STORES = {"memory": "memory", "postgres": "postgres", "dynamodb": "ministack"}
"""The adapter that plays each store."""

CELLS = {
    "cdc-memory": ("cdc", "memory", ""),
    "cdc-postgres": ("cdc", "postgres", ""),
    "cdc-dynamodb-kinesis": ("cdc", "dynamodb", "kinesis"),
    "dual-write-memory": ("dual-write", "memory", "broker"),
    "dual-write-postgres-kafka": ("dual-write", "postgres", "kafka"),
    "dual-write-dynamodb-kafka": ("dual-write", "dynamodb", "kafka"),
    "outbox-memory": ("outbox", "memory", "broker"),
    "outbox-postgres-kafka": ("outbox", "postgres", "kafka"),
    "outbox-dynamodb-kinesis": ("outbox", "dynamodb", "kinesis"),
}
"""Design, store, and what carries its events where that is not the store itself."""

CONSUMER = "consumer"

Place = tuple[str, int]
"""A stream and a version."""


class Died(BaseException):
    """A process ends here; nothing that it would have done is done."""


def die() -> None:
    """End the process at a crash point."""
    raise Died


class Unlucky:
    """A publisher that deals with its next calls in other ways, where it is told to: one `unlucky` after another."""

    def __init__(self, publisher: EventPublisher) -> None:
        """Stand before this one."""
        self._publisher = publisher
        self.unlucky: list[Callable[[Sequence[RecordedEvent]], None]] = []

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Pass them on, or do what was ordered instead."""
        (self.unlucky.pop(0) if self.unlucky else self._publisher.publish)(events)

    def fail(self, events: Sequence[RecordedEvent]) -> None:
        """Have nothing reach the broker."""
        raise PublishFailed(events, "says the test")

    def lose_acknowledgement(self, events: Sequence[RecordedEvent]) -> None:
        """Have the broker take them, and nobody hear of it."""
        self._publisher.publish(events)
        raise PublishFailed(events, "says the test")

    def close(self) -> None:
        """Do nothing: who made the publisher closes it."""


class Delivery:
    """One design. `store` is what the shop commits to; `relay` is there where the design has one."""

    def __init__(
        self,
        design: str,
        stores: EventStoreHarness,
        feed: Callable[[str], EventFeed],
        publishers: PublisherHarness | None = None,
    ) -> None:
        """Put it together; `feed` opens a consumer's view by its name."""
        self.stores = stores
        self.failpoints = stores.failpoints
        self._design = design
        self._open_feed = feed
        self._feed: EventFeed | None = None
        self._publishers = publishers
        self.start_again()

    def start_again(self) -> None:
        """Have another process go on: what the one before it knew is gone, and its faults are over."""
        self.failpoints.armed.clear()
        self.store: EventStore = self.stores.marking() if self._design == "outbox" else self.stores.store
        self.relay: Relay | None = None
        if not self._publishers:
            return
        self.publisher = Unlucky(self.publishers.publisher)
        environment = self.stores.environment
        if self._design == "outbox":
            self.relay = Relay(self.stores.outbox(), self.publisher, environment)
        else:
            publishing = PublishingEventStore(self.store, self.publisher, partial(record, JsonCodec()), environment)
            self.store = cast("EventStore", publishing)

    @property
    def publishers(self) -> PublisherHarness:
        """The topic that is published into; a design without one is not asked."""
        assert self._publishers
        return self._publishers

    @contextmanager
    def broker_away(self) -> Iterator[None]:
        """Have the broker take nothing while inside; of the one in memory, the publisher stands for what lies between."""
        with self.publishers.away():
            if isinstance(self.publishers, BrokerPublisher):
                self.publisher.unlucky = [self.publisher.fail] * 10
            yield
            self.publisher.unlucky = []

    def failed(self) -> int:
        """Tell how many events the design knows of that were not acknowledged."""
        counts = self.relay.counts if self.relay else cast("PublishingEventStore", self.store).counts
        return counts["failed"]

    def commit(self, commit: Commit) -> None:
        """Commit, and have the relay do what it can."""
        self.store.commit(commit)
        self.go_on()

    def go_on(self) -> None:
        """Have the relay, where there is one, go on until nothing is marked or its broker fails."""
        with suppress(PublishFailed):
            while self.relay and self.relay.step():
                pass

    def stored(self, *streams: str) -> list[Place]:
        """Give what is in these streams, as another client of the store reads it.

        Raises:
            LookupError: one is empty, so that the test shows nothing.
        """
        events = {stream: list(self.stores.another().read(stream)) for stream in streams}
        if not all(events.values()):
            raise LookupError(f"nothing was stored in {[stream for stream in streams if not events[stream]]}")
        return sorted((event.stream, event.version) for stream in streams for event in events[stream])

    def feed(self) -> EventFeed:
        """Give the consumer's view, as its next process has it; that of the one before ends here."""
        close = getattr(self._feed, "close", None)
        if close:
            close()
        self._feed = self._open_feed(CONSUMER)
        return self._feed

    def delivered(self) -> list[Place]:
        """Take all that the consumer's next process is given, in that order."""
        return taken_from(self.feed())


def taken_from(feed: EventFeed) -> list[Place]:
    """Take what there is, until nothing came on ten polls in a row."""
    found, quiet = list[Place](), 0
    while quiet < 10:
        deliveries = feed.poll(100)
        feed.acknowledge(deliveries)
        quiet = 0 if deliveries else quiet + 1
        found += [(each.stream, each.version) for each in deliveries if isinstance(each, Doorbell)]
    return found


def open_delivery(cell: str, asked_for: Callable[[str], Any], to_close: ExitStack) -> Delivery:
    """Open one of `CELLS`, empty; `asked_for` gives a fixture by its name."""
    design, store, transport = CELLS[cell]
    if transport == "kinesis":
        from tests.contract.kinesis_harness import KinesisFeeds  # noqa: PLC0415 - the memory run needs no boto3

        by_table = design == "cdc"
        endpoint = asked_for("ministack_endpoint")
        feeds = to_close.enter_context(closing(KinesisFeeds(endpoint, filled_by_table=by_table)))
        return Delivery(design, feeds.dynamodb, feeds.worker, None if by_table else KinesisPublisher(feeds))
    opened: Callable[[str], Iterator[Any]] = asked_for("open_harness")
    stores = to_close.enter_context(contextmanager(opened)(STORES[store]))
    if design == "cdc":
        return Delivery(design, stores, stores.own_feed)
    if transport == "broker":
        publishers: PublisherHarness = BrokerPublisher()
    else:
        from tests.contract.kafka_harness import Topic  # noqa: PLC0415 - as above

        server = asked_for("kafka_broker")
        publishers = KafkaPublisher(to_close.enter_context(closing(Topic(server.servers))), server)
    return Delivery(design, stores, publishers.feed, publishers)
