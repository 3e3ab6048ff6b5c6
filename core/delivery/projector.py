"""The loop of a consumer: poll, apply, acknowledge; wait while the other side is away."""

from collections.abc import Callable

from core.delivery.consumer import Consumer
from core.ports.environment import Environment
from core.ports.event_feed import EventFeed, FeedUnavailable
from core.ports.event_store import StoreUnavailable
from core.ports.projection_store import ProjectionUnavailable

AWAY = (FeedUnavailable, ProjectionUnavailable, StoreUnavailable)
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds to back off while something is away: up to the first, doubled each time up to the longest (full jitter)."""


class Projector:
    """Keeps rows up with a feed. `trouble` is what it waits for right now, empty while it works."""

    def __init__(self, feed: EventFeed, consumer: Consumer, environment: Environment, batch: int = 500) -> None:
        """Work on these, at most `batch` records at a time."""
        self.feed = feed
        self.consumer = consumer
        self.trouble = ""
        self._environment = environment
        self._batch = batch

    def step(self, timeout: float = 0.0, most: int | None = None) -> int:
        """Deal with one batch, of `most` records where that is given, waiting up to `timeout` seconds for it; tell how many it had.

        Raises:
            FeedUnavailable, ProjectionUnavailable, StoreUnavailable: the batch is not acknowledged and will come again.
        """
        deliveries = self.feed.poll(most or self._batch, timeout)
        if deliveries:
            self.consumer.handle(deliveries)
            self._environment.failpoint("consumer.before_checkpoint")
            self.feed.acknowledge(deliveries)
        return len(deliveries)

    def run(self, stopping: Callable[[], bool]) -> None:
        """Go on until told to stop. What is away is waited for without limit; nothing is parked for it.

        A batch may be what takes too long (all gaps, each read from a slow store): after each failure half as much is tried.
        """
        pause, most = SHORTEST_PAUSE, self._batch
        while not stopping():
            try:
                self.step(1.0, most)
            except AWAY as error:
                self.trouble = f"{type(error).__name__}: {error}"
                most = max(most // 2, 1)
                self._environment.wait(stopping, self._environment.jitter(pause))
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                self.trouble, pause = "", SHORTEST_PAUSE
                most = min(most * 2, self._batch)
