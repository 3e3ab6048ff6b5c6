"""What a process that reads nothing can tell of a group: it looks from the committed offsets on, and is no member."""

from datetime import datetime

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaTimeoutError

from adapters.kafka.clients import made
from adapters.kafka.cluster import Cluster
from adapters.kafka.membership import ANSWER_MS
from adapters.kafka.messages import delivery, time_of
from adapters.kafka.topics import topic_state
from core.ports.environment import Environment
from core.ports.events import Codec

LOOK_MS = 100
"""Of one fetch."""


def oldest_waiting(cluster: Cluster, group: str, codec: Codec, environment: Environment) -> datetime | None:
    """Tell since when the oldest event waits that the group has not acknowledged; of each partition the first one counts.

    Raises:
        KafkaError, KafkaProblem: the broker was not reached, or refuses.
    """
    partitions = [TopicPartition(cluster.topic, each) for each in range(topic_state(cluster).partitions)]
    if not partitions:
        return None
    consumer = made(
        KafkaConsumer,
        cluster,
        ANSWER_MS,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=1 << 17,  # one message is enough
        metrics_enabled=False,
    )
    try:
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions, timeout_ms=ANSWER_MS)
        starts = consumer.beginning_offsets(partitions, timeout_ms=ANSWER_MS)
        behind = set()
        for partition in partitions:
            offset = max(consumer.committed(partition, timeout_ms=ANSWER_MS) or 0, starts[partition])
            consumer.seek(partition, offset)
            if offset < ends[partition]:
                behind.add(partition)
        found = list[datetime]()
        deadline = environment.monotonic() + ANSWER_MS / 1000
        while behind:
            for partition, records in consumer.poll(timeout_ms=LOOK_MS).items():
                if partition in behind:
                    behind.discard(partition)
                    event = getattr(delivery(records[0], codec), "event", None)
                    found.append(event.created_at if event else time_of(records[0]))
            if behind and environment.monotonic() > deadline:
                raise KafkaTimeoutError(f"{len(behind)} partitions of {cluster.topic!r} were not read in time")
        return min(found, default=None)
    finally:
        consumer.close(timeout_ms=ANSWER_MS)
