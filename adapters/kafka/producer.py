"""The producer of kafka-python: how it is made, and how it ends when it hangs."""

from contextlib import suppress

from kafka import KafkaProducer
from kafka.errors import KafkaError

from adapters.kafka.clients import made
from adapters.kafka.cluster import Cluster


def make_producer(cluster: Cluster, seconds: float, patience: float) -> KafkaProducer:
    """Make one that gives up on a message after so many seconds.

    Raises:
        KafkaError: no broker answers within `patience` seconds, or it is none that can be worked with.
    """
    milliseconds = int(seconds * 1000)
    return made(
        KafkaProducer,
        cluster,
        int(patience * 1000),
        # Both are the default, but only what is asked for by name is not given up silently where another setting is against it.
        acks="all",
        enable_idempotence=True,
        max_block_ms=milliseconds,
        delivery_timeout_ms=milliseconds,
        request_timeout_ms=milliseconds // 3,
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )


def end_producer(producer: KafkaProducer, seconds: float) -> None:
    """Let it send what it has, for so many seconds; then it ends, and what it still has fails."""
    try:
        producer.close(timeout=seconds)
    except KafkaError:
        # It still has messages, which it would keep for ever, and its thread with them.
        producer._sender.force_close()  # noqa: SLF001 - no public call ends it without a flush
        producer._sender.join(seconds)  # noqa: SLF001 - as above
        with suppress(KafkaError):
            producer.close(timeout=seconds)
