"""What the suite of the publishers needs of an adapter beyond its port: what is delivered, and a broker that refuses or is away."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

from adapters.inmemory import InMemoryBroker, InMemoryBrokerFeed, InMemoryEventPublisher
from adapters.serialization.codec import JsonCodec
from core.ports.event_feed import EventFeed
from core.ports.event_publisher import EventPublisher
from core.ports.events import RecordedEvent
from tests.support.environment import armed_environment

if TYPE_CHECKING:
    from tests.contract.kafka_harness import Topic
    from tests.contract.kinesis_harness import KinesisFeeds
    from tests.support.kafka import KafkaServer

BUDGET = 1.0
"""Seconds that a call may take where it must fail."""


class PublisherHarness(Protocol):
    """An empty topic, and the means to hurt it."""

    publisher: EventPublisher

    def feed(self, consumer: str = "") -> EventFeed:
        """Give this consumer's view of the topic, as a process has it that starts; without a name, a new one's."""

    def raw(self) -> bytes:
        """Give every byte that is kept in the topic."""

    def refuse(self, event: RecordedEvent) -> RecordedEvent:
        """Have the broker refuse this event, and no other; give it as it must be for that."""

    def away(self) -> AbstractContextManager[None]:
        """Have the broker take nothing while inside."""


class BrokerPublisher:
    """A topic in memory: nothing lies between it and who publishes, so nothing is refused."""

    def __init__(self) -> None:
        """Start empty."""
        self._environment, _ = armed_environment()
        self._broker = InMemoryBroker(JsonCodec())
        self.publisher: EventPublisher = InMemoryEventPublisher(self._broker, self._environment)
        self._feeds = 0

    def feed(self, consumer: str = "") -> EventFeed:
        """Give this consumer's view, or a new one's."""
        self._feeds += 1
        return InMemoryBrokerFeed(self._broker, consumer or f"consumer-{self._feeds}", self._environment)

    def raw(self) -> bytes:
        """Give what the partitions hold, in words."""
        return repr([(event, event.metadata.email) for each in self._broker.partitions for event in each]).encode()

    def refuse(self, event: RecordedEvent) -> RecordedEvent:
        """Refuse nothing."""
        return event

    @contextmanager
    def away(self) -> Iterator[None]:
        """Be there all the same."""
        yield


class KinesisPublisher:
    """A stream behind a proxy."""

    def __init__(self, feeds: "KinesisFeeds") -> None:
        """Publish what the feeds of the harness read."""
        self._feeds = feeds
        self.publisher: EventPublisher = feeds.publisher(BUDGET)

    def feed(self, consumer: str = "") -> EventFeed:
        """Give this consumer's view, or a new one's."""
        return self._feeds.worker(consumer) if consumer else self._feeds.calm_feed()

    def raw(self) -> bytes:
        """Give the data of all records."""
        return b"".join(data for shard in self._feeds.shards() for data in self._feeds.records_of(shard))

    def refuse(self, event: RecordedEvent) -> RecordedEvent:
        """Have the service refuse the record, whatever else is in its request."""
        self._feeds.proxy.refuse(event.id)
        return event

    @contextmanager
    def away(self) -> Iterator[None]:
        """Have no request get through."""
        with self._feeds.proxy.closed():
            yield


class KafkaPublisher:
    """A topic of a real broker."""

    def __init__(self, topic: "Topic", server: "KafkaServer") -> None:
        """Publish into it."""
        self._topic = topic
        self._server = server
        self.publisher: EventPublisher = topic.publisher(budget=BUDGET)
        self._feeds = 0

    def feed(self, consumer: str = "") -> EventFeed:
        """Give this consumer's view, or a new one's."""
        self._feeds += 1
        return self._topic.worker(consumer or f"consumer-{self._feeds}")

    def raw(self) -> bytes:
        """Give keys, values and headers of all messages."""
        return repr([(each.key, each.value, each.headers) for each in self._topic.messages()]).encode()

    def refuse(self, event: RecordedEvent) -> RecordedEvent:
        """Make it larger than the topic takes."""
        self._topic.limit(20_000)
        return event._replace(data=json.dumps({"product_id": "x" * 30_000}).encode())

    @contextmanager
    def away(self) -> Iterator[None]:
        """Have the broker stand still."""
        with self._server.held():
            yield
