"""The change feed in memory: the store's log, delivered as badly as the real feed may deliver."""

import threading
from collections.abc import Callable, Sequence
from random import Random

from adapters.inmemory.event_store import InMemoryEventStore
from core.ports.environment import Environment
from core.ports.event_feed import Delivery, Doorbell

LONGEST_DELAY = 3
"""Polls that a hostile feed holds a record back."""

REPEATS = 0.2
"""Share of records that a hostile feed delivers again after they were acknowledged."""


class InMemoryEventFeed:
    """One consumer's view of the log. With `hostile`, it delays, repeats and reorders as that random source says."""

    def __init__(
        self,
        store: InMemoryEventStore,
        environment: Environment,
        hostile: Random | None = None,
        carry: Callable[[Doorbell], Delivery] = lambda doorbell: doorbell,
    ) -> None:
        """Begin at the first event ever; `carry` may damage a record on its way."""
        self._store = store
        self._environment = environment
        self._hostile = hostile
        self._carry = carry
        self._lock = threading.Lock()
        self._position = 0
        self._waiting: dict[str, tuple[Delivery, int]] = {}
        self._oldest: dict[str, float] = {}

    def poll(self, limit: int, timeout: float = 0.0) -> Sequence[Delivery]:
        """Take new records in, and give those that are not held back."""
        if timeout:
            self._environment.wait(lambda: bool(self._waiting or self._store.changes(self._position, 1)), timeout)
        with self._lock:
            self._take_in(limit)
            due = [delivery for delivery, delay in self._waiting.values() if not delay]
            self._waiting = {
                position: (delivery, max(delay - 1, 0)) for position, (delivery, delay) in self._waiting.items()
            }
        if self._hostile:
            self._hostile.shuffle(due)
            due += [delivery for delivery in due if self._hostile.random() < REPEATS]
        return due[:limit]

    def _take_in(self, limit: int) -> None:
        for event in self._store.changes(self._position, limit):
            self._position += 1
            position = str(self._position)
            delivery = self._carry(Doorbell(event.stream, event.version, event, position))
            self._waiting[position] = (delivery, self._delay())
            self._oldest[position] = event.created_at.timestamp()

    def _delay(self) -> int:
        return self._hostile.randint(0, LONGEST_DELAY) if self._hostile else 0

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Forget them, but for those that a hostile feed is going to repeat."""
        with self._lock:
            for delivery in deliveries:
                if self._waiting.pop(delivery.position, None) is None:
                    continue
                self._oldest.pop(delivery.position, None)
                if self._hostile and self._hostile.random() < REPEATS:
                    self._waiting[delivery.position] = (delivery, self._delay())

    def lag_seconds(self) -> float:
        """Tell the age of the oldest record that is not acknowledged."""
        with self._lock:
            waiting = self._store.changes(self._position, 1)
            oldest = min([*self._oldest.values(), *(event.created_at.timestamp() for event in waiting)], default=None)
        return 0.0 if oldest is None else max(self._environment.now().timestamp() - oldest, 0.0)

    def hindrance(self) -> str:
        """Name nobody: a commit is in the log when it is acknowledged."""
        return ""
