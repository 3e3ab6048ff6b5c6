"""The way of events into a topic of Kafka."""

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError, RecordListTooLargeError

from adapters.kafka.cluster import Cluster
from adapters.kafka.messages import message
from adapters.kafka.problems import said
from adapters.kafka.producer import end_producer, make_producer
from core.ports.environment import Environment
from core.ports.event_publisher import PublishFailed
from core.ports.events import Codec, RecordedEvent

BUDGET = 5.0
"""Seconds that the broker has to acknowledge what it is given; nobody's command should wait longer."""

GRACE = 1.0
"""Seconds more until a message that was not heard of counts as not acknowledged."""

LEAST = 0.2
"""Seconds that a broker must have to be asked at all."""

REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError)
"""What is wrong with a message itself, so that it would be refused again."""


class Failure(NamedTuple):
    """An event that was not acknowledged, and what was said of it."""

    event: RecordedEvent
    error: Exception


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
        self._opening = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._given: Counter[int] = Counter()

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Hand all of them over, then wait for the acknowledgement of each."""
        deadline = self._environment.monotonic() + self._budget + GRACE
        failures = self._attempt(events, deadline)
        if len(failures) > 1 and any(isinstance(each.error, REFUSALS) for each in failures):
            failures = self._one_by_one(events, failures, deadline)
        if failures:
            first = failures[0].error
            raise PublishFailed([each.event for each in failures], said(first)) from first

    def _one_by_one(
        self, events: Sequence[RecordedEvent], failures: Sequence[Failure], deadline: float
    ) -> Sequence[Failure]:
        """Send again what failed: with one that the broker refuses, kafka-python 3.0.12 gives up on all that is on its way.

        What would come behind a later event of its stream, or behind one that is refused, stays a failure.
        """
        stuck = _overtaken(events, failures)
        left = list[Failure]()
        for each in failures:
            again: Sequence[Failure] = [each]
            if each.event.stream not in stuck and self._environment.monotonic() < deadline:
                again = self._attempt([each.event], deadline)
            if again:
                stuck.add(each.event.stream)
            left += again
        return left

    def _attempt(self, events: Sequence[RecordedEvent], deadline: float) -> Sequence[Failure]:
        """Send them once, and tell which were not acknowledged in time."""
        try:
            producer = self._opened(deadline)
        except KafkaError as error:
            return [Failure(event, error) for event in events]
        failures, sent, stuck = list[Failure](), list[tuple[RecordedEvent, Any]](), dict[str, Exception]()
        for event in events:
            try:
                # What comes behind an event that did not leave must not overtake it.
                if event.stream in stuck:
                    raise stuck[event.stream]
                # One may wait for the topic as long as a whole call may take: none is begun in what is left for acknowledgements.
                if self._environment.monotonic() >= deadline - GRACE:
                    raise KafkaTimeoutError("those before it took all the time")
                sent.append((event, self._send(producer, event)))
            except (KafkaError, ValueError) as error:
                failures.append(Failure(event, error))
                stuck[event.stream] = error
        for event, future in sent:
            # `flush` would return as if all were well though some of them failed.
            try:
                future.get(timeout=max(deadline - self._environment.monotonic(), 0))
            except KafkaError as error:
                failures.append(Failure(event, error))
        if failures:
            self._replace(producer)
            places = {event.id: place for place, event in enumerate(events)}
            failures.sort(key=lambda each: places[each.event.id])
        return failures

    def _opened(self, deadline: float) -> KafkaProducer:
        # While one thread waits for a broker that is away, the others do not queue up behind it for longer than they have.
        if not self._opening.acquire(timeout=max(deadline - self._environment.monotonic(), 0)):
            raise KafkaTimeoutError("another thread waits for the broker")
        try:
            producer = self._producer  # looked at once: a call that failed takes it away at any moment
            if producer is None:
                left = deadline - self._environment.monotonic()
                if left < LEAST:
                    raise KafkaTimeoutError("another thread waits for the broker")
                producer = self._producer = make_producer(self._cluster, self._budget, min(left, self._budget))
            return producer
        finally:
            self._opening.release()

    def _send(self, producer: KafkaProducer, event: RecordedEvent) -> Any:  # noqa: ANN401 - the package is not typed
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
                threading.Thread(target=end_producer, args=(producer, self._budget), daemon=True).start()

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            end_producer(producer, GRACE)


def _overtaken(events: Sequence[RecordedEvent], failures: Sequence[Failure]) -> set[str]:
    """Give the streams of which an event was acknowledged that is behind one that was not."""
    unacknowledged = {each.event.id for each in failures}
    waiting, overtaken = set[str](), set[str]()
    for event in events:
        if event.id in unacknowledged:
            waiting.add(event.stream)
        elif event.stream in waiting:
            overtaken.add(event.stream)
    return overtaken
