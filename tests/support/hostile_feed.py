"""What a hostile transport makes of a calm feed: records are held back, repeated and given in another order."""

from collections.abc import Callable, Sequence
from random import Random

from core.ports.event_feed import Delivery, Doorbell, EventFeed

LONGEST_DELAY = 3
"""Polls that a record is held back."""

REPEATS = 0.2
"""Share of records that are given twice at once, and of those that come again after they were acknowledged."""


class HostileFeed:
    """An `EventFeed` before another one. What it holds back is not acknowledged there, so it comes again after a crash."""

    def __init__(self, feed: EventFeed, hostile: Random, carry: Callable[[Doorbell], Delivery]) -> None:
        """Do as this random source says; `carry` may damage a record on its way."""
        self._feed = feed
        self._hostile = hostile
        self._carry = carry
        self._waiting: dict[str, tuple[Delivery, int]] = {}

    def poll(self, limit: int, timeout: float = 0.0) -> Sequence[Delivery]:
        """Take new records in, and give those that are not held back."""
        for delivery in self._feed.poll(len(self._waiting) + limit, timeout):
            if delivery.position not in self._waiting:
                carried = self._carry(delivery) if isinstance(delivery, Doorbell) else delivery
                self._waiting[delivery.position] = (carried, self._delay())
        due = [delivery for delivery, delay in self._waiting.values() if not delay]
        self._waiting = {place: (delivery, max(delay - 1, 0)) for place, (delivery, delay) in self._waiting.items()}
        self._hostile.shuffle(due)
        due += [delivery for delivery in due if self._hostile.random() < REPEATS]
        return due[:limit]

    def _delay(self) -> int:
        return self._hostile.randint(0, LONGEST_DELAY)

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Pass it on, and give some of them once more nevertheless."""
        self._feed.acknowledge(deliveries)
        for delivery in deliveries:
            if self._waiting.pop(delivery.position, None) and self._hostile.random() < REPEATS:
                self._waiting[delivery.position] = (delivery, self._delay())

    def lag_seconds(self) -> float:
        """Tell that of the feed."""
        return self._feed.lag_seconds()

    def hindrance(self) -> str:
        """Pass it on."""
        return self._feed.hindrance()
