"""A topic of a real Kafka for the contract suites: what publishes into it, and what reads it."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import partial
from random import Random
from typing import Any, cast
from uuid import uuid4

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from adapters.inmemory import InMemoryEventStore
from adapters.kafka.cluster import Cluster
from adapters.kafka.event_feed import KafkaEventFeed
from adapters.kafka.event_publisher import KafkaEventPublisher
from adapters.kafka.topics import create_topic, topic_state
from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import record
from adapters.system.environment import system_environment
from core.delivery.publishing import PublishingEventStore
from core.ports.event_feed import EventFeed
from core.ports.event_publisher import EventPublisher
from core.ports.event_store import EventStore
from core.ports.events import RecordedEvent
from tests.contract.mutants.kafka_package import module
from tests.support.hostile_feed import HostileFeed

GROUP = "projector"
"""The consumer that a worker works for, unless it is told otherwise."""

FETCH_MS = 5
"""Tests look again and again at a topic in which there is nothing new."""


class Topic:
    """A topic of its own, taken away when it is closed."""

    def __init__(self, servers: str, partitions: int = 2) -> None:
        """Make it."""
        self.cluster = Cluster(servers, f"topic-{uuid4().hex}")
        self.codec = JsonCodec()
        self.environment = system_environment()
        self.open = ExitStack()
        create_topic(self.cluster, partitions)

    def close(self) -> None:
        """Close what was opened on it. The topic goes with the broker: taking it away here would only make the broker work."""
        self.open.close()

    def publisher(self, **settings: Any) -> KafkaEventPublisher:  # noqa: ANN401 - as the constructor takes them
        """Give a publisher, as a process has it."""
        made = module("event_publisher").KafkaEventPublisher(self.cluster, self.codec, self.environment, **settings)
        return cast("KafkaEventPublisher", self.open.enter_context(closing(made)))

    def worker(self, projector: str = GROUP) -> KafkaEventFeed:
        """Give the view of this consumer, as a process has it that starts."""
        made = module("event_feed").KafkaEventFeed(self.cluster, projector, self.codec, self.environment, FETCH_MS)
        return cast("KafkaEventFeed", self.open.enter_context(closing(made)))

    def put(
        self, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]], partition: int | None = None
    ) -> None:
        """Put any message there."""
        with KafkaProducer(bootstrap_servers=self.cluster.servers, metrics_enabled=False) as producer:
            producer.send(self.cluster.topic, value, key=key, headers=list(headers), partition=partition).get(10)

    def messages(self) -> list[Any]:
        """Give all that is there as it is, each partition in its order."""
        with KafkaConsumer(
            bootstrap_servers=self.cluster.servers, auto_offset_reset="earliest", metrics_enabled=False
        ) as consumer:
            partitions = [TopicPartition(self.cluster.topic, each) for each in range(self.partitions)]
            consumer.assign(partitions)
            missing = sum(consumer.end_offsets(partitions).values())
            found: list[Any] = []
            while len(found) < missing:
                found += [each for records in consumer.poll(1000).values() for each in records]
            return found

    @property
    def partitions(self) -> int:
        """How many it has."""
        return topic_state(self.cluster).partitions

    def committed(self, projector: str = GROUP) -> dict[int, int]:
        """Give the offset of each partition that the group has committed; nothing where it has none."""
        group = f"{self.cluster.topic}.{projector}"
        with closing(KafkaAdminClient(bootstrap_servers=self.cluster.servers)) as admin:
            offsets = admin.list_group_offsets({group: None})[group]
        return {place.partition: each.offset for place, each in offsets.items() if each.offset >= 0}

    def members(self, projector: str = GROUP) -> set[str]:
        """Give the members that the group has, as the broker knows them."""
        group = f"{self.cluster.topic}.{projector}"
        with closing(KafkaAdminClient(bootstrap_servers=self.cluster.servers)) as admin:
            return {each["member_id"] for each in admin.describe_groups([group])[group]["members"]}

    def producer_ids(self) -> set[int]:
        """Give the ids of the idempotent producers that the partitions know; others have none."""
        partitions = [TopicPartition(self.cluster.topic, each) for each in range(self.partitions)]
        with closing(KafkaAdminClient(bootstrap_servers=self.cluster.servers)) as admin:
            found = admin.describe_producers(partitions)
        return {producer.producer_id for each in found.values() for producer in each.active_producers}

    def limit(self, size: int) -> None:
        """Have the broker refuse batches of more bytes than that."""
        with closing(KafkaAdminClient(bootstrap_servers=self.cluster.servers)) as admin:
            admin.alter_configs(
                [ConfigResource(ConfigResourceType.TOPIC, self.cluster.topic, {"max.message.bytes": str(size)})]
            )


class _Damaging:
    """A publisher whose messages of some streams are damaged."""

    def __init__(self, topic: Topic, publisher: EventPublisher) -> None:
        self._topic = topic
        self._publisher = publisher
        self.without_image: set[str] = set()
        self.without_keys: set[str] = set()

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        for event in events:
            version = [("version", str(event.version).encode())]
            if event.stream in self.without_keys:
                self._topic.put(event.stream.encode(), b"{}", [])
            elif event.stream in self.without_image:
                self._topic.put(event.stream.encode(), b"\xff{", version)
        damaged = self.without_image | self.without_keys
        self._publisher.publish([event for event in events if event.stream not in damaged])

    def close(self) -> None:
        self._publisher.close()


class KafkaFeeds:
    """Feeds of a store in memory whose commits are published into a topic."""

    def __init__(self, servers: str, partitions: int = 2) -> None:
        """Make the topic."""
        self.topic = Topic(servers, partitions)
        environment, codec = self.topic.environment, self.topic.codec
        self._damaging = _Damaging(self.topic, self.topic.publisher())
        store = PublishingEventStore(
            InMemoryEventStore(codec, environment), self._damaging, partial(record, codec), environment
        )
        self.store = cast("EventStore", store)
        self._feeds = 0

    def close(self) -> None:
        """Close what was opened."""
        self.topic.close()

    def feed(self, seed: int = 1) -> EventFeed:
        """Delay, repeat and reorder by the seed."""
        return HostileFeed(self.calm_feed(), Random(seed), lambda doorbell: doorbell)

    def calm_feed(self) -> EventFeed:
        """Give another consumer's view."""
        self._feeds += 1
        return self.topic.worker(f"consumer-{self._feeds}")

    def started_again(self, feed: EventFeed) -> EventFeed:
        """Give the last consumer's view once more."""
        cast("KafkaEventFeed", feed).close()
        return self.topic.worker(f"consumer-{self._feeds}")

    def lose_images_of(self, stream: str) -> None:
        """Write what is no JSON instead."""
        self._damaging.without_image.add(stream)

    def lose_keys_of(self, stream: str) -> None:
        """Leave the version out."""
        self._damaging.without_keys.add(stream)
