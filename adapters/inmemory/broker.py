"""A broker in memory: a topic of partitions, into which events are published, and consumers that resume where they acknowledged last."""

import threading
import zlib
from collections.abc import Callable, Sequence

from adapters.serialization.leaving import leaving
from core.ports.environment import Environment
from core.ports.event_feed import Delivery, Doorbell
from core.ports.events import Codec, RecordedEvent


class InMemoryBroker:
    """One topic. A partition keeps the order in which it took its messages; between partitions there is none."""

    def __init__(self, codec: Codec, partitions: int = 4) -> None:
        """Start empty."""
        self.partitions: tuple[list[RecordedEvent], ...] = tuple([] for _ in range(partitions))
        self._codec = codec
        self._lock = threading.Lock()
        self._consumed: dict[str, list[int]] = {}

    def take(self, event: RecordedEvent, partition: int | None = None) -> None:
        """Keep an event for those who consume: in the partition of its stream, or in the one given."""
        at = zlib.crc32(event.stream.encode()) % len(self.partitions) if partition is None else partition
        left = leaving(self._codec, event)
        with self._lock:
            self.partitions[at].append(left)

    def consumed(self, consumer: str) -> list[int]:
        """Give how many messages of each partition a consumer has acknowledged; it changes as they are."""
        with self._lock:
            return self._consumed.setdefault(consumer, [0] * len(self.partitions))


class InMemoryEventPublisher:
    """Publishes into a broker in memory, each event to the partition of its stream.

    Not `keyed`, an event goes to the partition that holds least, as the older design published: a stream then has no order.
    """

    def __init__(self, broker: InMemoryBroker, environment: Environment, *, keyed: bool = True) -> None:
        """Publish into this one."""
        self._broker = broker
        self._keyed = keyed
        self._environment = environment

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Have the broker take them."""
        for event in events:
            self._broker.take(event, None if self._keyed else self._least_loaded())
        self._environment.wake()

    def _least_loaded(self) -> int:
        sizes = [len(partition) for partition in self._broker.partitions]
        return sizes.index(min(sizes))

    def close(self) -> None:
        """Do nothing: there is no connection."""


class InMemoryBrokerFeed:
    """One consumer's view of a topic: every message from the first on, again as long as it is not acknowledged."""

    def __init__(
        self,
        broker: InMemoryBroker,
        consumer: str,
        environment: Environment,
        carry: Callable[[Doorbell], Delivery] = lambda doorbell: doorbell,
    ) -> None:
        """Read as `consumer`, whose place outlives this object; `carry` may damage a record on its way."""
        self._broker = broker
        self._consumed = broker.consumed(consumer)
        self._environment = environment
        self._carry = carry
        self._lock = threading.Lock()
        self._acknowledged: set[str] = set()

    def poll(self, limit: int, timeout: float = 0.0) -> Sequence[Delivery]:
        """Give the next messages of each partition in turn."""
        if timeout:
            self._environment.wait(lambda: any(self._waiting()), timeout)
        found: list[Delivery] = []
        for partition, messages in enumerate(self._waiting()):
            for offset, event in enumerate(messages[: limit - len(found)], self._consumed[partition]):
                position = f"{partition}:{offset}"
                if position not in self._acknowledged:
                    found.append(self._carry(Doorbell(event.stream, event.version, event, position)))
        return found

    def _waiting(self) -> list[list[RecordedEvent]]:
        """Give what each partition holds beyond what was acknowledged without a gap."""
        return [messages[done:] for messages, done in zip(self._broker.partitions, self._consumed, strict=True)]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Move on in each partition, as far as nothing before is still to be acknowledged."""
        with self._lock:
            self._acknowledged.update(delivery.position for delivery in deliveries)
            for partition in range(len(self._consumed)):
                while (position := f"{partition}:{self._consumed[partition]}") in self._acknowledged:
                    self._acknowledged.discard(position)
                    self._consumed[partition] += 1

    def lag_seconds(self) -> float:
        """Tell the age of the oldest event that is not acknowledged."""
        waiting = [
            event.created_at
            for partition, messages in enumerate(self._waiting())
            for offset, event in enumerate(messages, self._consumed[partition])
            if f"{partition}:{offset}" not in self._acknowledged
        ]
        return max((self._environment.now() - min(waiting)).total_seconds(), 0.0) if waiting else 0.0

    def hindrance(self) -> str:
        """Name nobody: what was taken is there to be read."""
        return ""
