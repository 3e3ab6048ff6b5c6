"""The way of events into a topic of Kafka."""

import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from kafka import KafkaProducer
from kafka.errors import KafkaError

from adapters.kafka.clients import made
from adapters.kafka.cluster import Cluster
from adapters.kafka.messages import message
from adapters.kafka.problems import said
from core.ports.environment import Environment
from core.ports.event_publisher import PublishFailed
from core.ports.events import Codec, RecordedEvent

BUDGET = 5.0
"""Seconds that the broker has to acknowledge what it is given; nobody's command should wait longer."""

GRACE = 1.0
"""Seconds more until a message that was not heard of counts as not acknowledged."""


class KafkaEventPublisher:
    """The `EventPublisher` of `core.ports.event_publisher`; any number of threads may share it.

    An event goes to the partition of its stream. Not `keyed`, it goes to the one that this publisher gave the least, as the older design
    did, and the events of a stream have no order.
    """

    def __init__(
        self, cluster: Cluster, codec: Codec, environment: Environment, *, keyed: bool = True, budget: float = BUDGET
    ) -> None:
        """Publish into this topic; nothing is connected before the first event."""
        self._cluster = cluster
        self._codec = codec
        self._environment = environment
        self._keyed = keyed
        self._budget = budget
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._given: Counter[int] = Counter()

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Hand all of them over, then wait for the acknowledgement of each."""
        if not events:
            return
        deadline = self._environment.monotonic() + self._budget + GRACE
        try:
            producer = self._opened()
        except KafkaError as error:
            raise PublishFailed(events, said(error)) from error
        failures = dict[int, str]()
        sent, stuck = [], set[str]()
        for place, event in enumerate(events):
            # What comes behind an event that did not leave must not overtake it.
            if event.stream in stuck:
                failures[place] = "an event before it in its stream was not sent"
                continue
            try:
                sent.append((place, self._send(producer, event)))
            except (KafkaError, ValueError) as error:
                failures[place] = said(error)
                stuck.add(event.stream)
        for place, future in sent:
            # `flush` would return as if all were well though some of them failed.
            try:
                future.get(timeout=max(deadline - self._environment.monotonic(), 0))
            except KafkaError as error:
                failures[place] = said(error)
        if failures:
            self._replace(producer)
            unacknowledged = sorted(failures)
            raise PublishFailed([events[place] for place in unacknowledged], failures[unacknowledged[0]])

    def _opened(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                milliseconds = int(self._budget * 1000)
                self._producer = made(
                    KafkaProducer,
                    self._cluster,
                    milliseconds,
                    # Both are the default, but only what is asked for by name is not given up silently where another setting is
                    # against it.
                    acks="all",
                    enable_idempotence=True,
                    max_block_ms=milliseconds,
                    delivery_timeout_ms=milliseconds,
                    request_timeout_ms=milliseconds // 3,
                    allow_auto_create_topics=False,
                    metrics_enabled=False,
                )
            return self._producer

    def _send(self, producer: KafkaProducer, event: RecordedEvent):  # type: ignore[no-untyped-def] # noqa: ANN202 - a future of the package, which is not typed
        key, value, headers = message(event, self._codec)
        partition = None if self._keyed else self._least_loaded(producer)
        return producer.send(self._cluster.topic, value, key=key, headers=headers, partition=partition)

    def _least_loaded(self, producer: KafkaProducer) -> int:
        partitions: set[int] = producer.partitions_for(self._cluster.topic)
        with self._lock:
            least = min(sorted(partitions), key=self._given.__getitem__)
            self._given[least] += 1
        return least

    def _replace(self, producer: KafkaProducer) -> None:
        """Have the next call make a new producer: one that gave up on a message may hang on every later one (kafka-python 3.0.12)."""
        with self._lock:
            if self._producer is producer:
                self._producer = None
                # Others may still wait for what they gave it.
                threading.Thread(target=_end, args=(producer, self._budget), daemon=True).start()

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            _end(producer, GRACE)


def _end(producer: KafkaProducer, seconds: float) -> None:
    try:
        producer.close(timeout=seconds)
    except KafkaError:
        # It still has messages, which it would keep for ever, and its thread with them.
        producer._sender.force_close()  # noqa: SLF001 - no public call ends it without a flush
        producer._sender.join(seconds)  # noqa: SLF001 - as above
        with suppress(KafkaError):
            producer.close(timeout=seconds)
