"""Publishing into a real Kafka, each event acknowledged, beside nothing but kafka-python's producer.

Both hand over the same events in the same batches to the same topic, with the same settings, and wait for every future. Ours encodes the
events as well, and leaves out what must not leave; the peer is given its messages made.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import perf_counter

from kafka import KafkaProducer

from adapters.kafka.cluster import Cluster
from adapters.kafka.event_publisher import BUDGET, KafkaEventPublisher
from adapters.kafka.messages import Message, message
from adapters.kafka.topics import create_topic
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from benchmarks.busy_shop import BusyShop
from benchmarks.figures import Benchmark, Effort, Row, Sides
from core.ports.events import RecordedEvent
from entrypoints.stack.embedded_kafka import embedded_kafka

EVENTS = 10_000

BATCH = 500
"""Events handed over at once."""

PARTITIONS = 4


def publish(publisher: KafkaEventPublisher, events: Sequence[RecordedEvent]) -> float:
    """Publish all; give events a second."""
    began = perf_counter()
    for begin in range(0, len(events), BATCH):
        publisher.publish(events[begin : begin + BATCH])
    return len(events) / (perf_counter() - began)


def send(producer: KafkaProducer, topic: str, messages: Sequence[Message]) -> float:
    """Send all and look at every future; give messages a second."""
    began = perf_counter()
    for begin in range(0, len(messages), BATCH):
        sent = [
            producer.send(topic, each.value, key=each.key, headers=each.headers)
            for each in messages[begin : begin + BATCH]
        ]
        for future in sent:
            future.get(BUDGET)
    return len(messages) / (perf_counter() - began)


@contextmanager
def _sides(effort: Effort) -> Iterator[Sides]:
    codec = JsonCodec()
    doorbells = BusyShop().doorbells(max(2 * BATCH, effort.of(EVENTS)))
    events = [doorbell.event for doorbell in doorbells if doorbell.event]
    messages = [message(event, codec) for event in events]
    with tempfile.TemporaryDirectory() as folder, embedded_kafka(Path(folder)) as servers:
        cluster = Cluster(servers, "ec-events")
        create_topic(cluster, PARTITIONS)
        milliseconds = int(BUDGET * 1000)
        bare = KafkaProducer(
            bootstrap_servers=servers,
            acks="all",
            enable_idempotence=True,
            max_block_ms=milliseconds,
            delivery_timeout_ms=milliseconds,
            request_timeout_ms=milliseconds // 3,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
        with closing(KafkaEventPublisher(cluster, codec, system_environment())) as publisher, closing(bare):
            publish(publisher, events[:BATCH])  # both have connected before they are measured
            send(bare, cluster.topic, messages[:BATCH])
            yield Sides(lambda: (publish(publisher, events),), lambda: (send(bare, cluster.topic, messages),))


BENCHMARKS = (
    Benchmark(
        (Row("kafka-publish", "events/s", target=0.8, more_is_better=True),), "bare kafka-python producer", _sides
    ),
)
"""What `python -m benchmarks` runs of this module."""
