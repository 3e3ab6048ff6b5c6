"""A feed behind an outbox: what is still marked is on its way too."""

from collections.abc import Sequence

from core.ports.environment import Environment
from core.ports.event_feed import Delivery, EventFeed, FeedUnavailable
from core.ports.event_store import StoreUnavailable
from core.ports.outbox import Outbox


class RelayedFeed:
    """The feed of what a relay publishes. An event counts as late from its commit on, not only from when it was published."""

    def __init__(self, feed: EventFeed, outbox: Outbox, environment: Environment) -> None:
        """Read `feed`, which the relay of `outbox` fills."""
        self._feed = feed
        self._outbox = outbox
        self._environment = environment

    def poll(self, limit: int, timeout: float = 0.0) -> Sequence[Delivery]:
        """Give what was published."""
        return self._feed.poll(limit, timeout)

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Take them as dealt with."""
        self._feed.acknowledge(deliveries)

    def lag_seconds(self) -> float:
        """Tell the age of the oldest event that is still marked, or published and not acknowledged."""
        marked = self._marked_seconds()
        try:
            return max(self._feed.lag_seconds(), marked)
        except FeedUnavailable as error:
            raise FeedUnavailable(str(error), marked) from error

    def hindrance(self) -> str:
        """Name what hinders the feed, or the relay where the oldest event waits for it and not for the reader."""
        told, marked = self._feed.hindrance(), self._marked_seconds()
        if told or not marked or marked <= self._feed.lag_seconds():
            return told
        return "committed events wait to be relayed: run `ecshop worker relay`, or look at its log"

    def _marked_seconds(self) -> float:
        try:
            oldest = self._outbox.oldest()
        except StoreUnavailable as error:
            raise FeedUnavailable(str(error)) from error
        return max((self._environment.now() - oldest).total_seconds(), 0.0) if oldest else 0.0
