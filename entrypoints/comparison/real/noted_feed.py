"""A projector's view of the feed, which is noted, and damaged in places."""

import time
from collections.abc import Sequence
from typing import Any

from core.ports.event_feed import Delivery, Doorbell, EventFeed, Unreadable
from entrypoints.comparison.real.damage import Troubles
from entrypoints.comparison.real.journal import Journal

AWAY = 3.0
"""Seconds that a consumer is down whose records are gone when it comes back."""

EVERYTHING = 1000
"""Records that are taken away at once, or of which some were seen."""

LOOK_AGAIN = 0.5
"""Seconds between two looks for records that were not seen."""


class NotedFeed:
    """A projector's feed, which notes what it hands out before some of it is damaged.

    With `expiring`, the consumer is away for a while, and finds its checkpoint moved past what came meanwhile, as if that were gone.
    """

    def __init__(self, projector: str, feed: EventFeed, journal: Journal, troubles: Troubles) -> None:
        """Stand before the `feed` of this projector."""
        self.expiring = False
        self._projector = projector
        self._known: set[str] = set()
        self._feed = feed
        self._journal = journal
        self._troubles = troubles

    def poll(self, limit: int, timeout: float = 0.0) -> Sequence[Delivery]:
        """Give what waits."""
        if self.expiring:
            self._expire()
        deliveries = self._feed.poll(limit, timeout)
        self._known.update(each.position for each in deliveries)
        return [self._handed(each) for each in deliveries]

    def read(self, limit: int, timeout: float, seen: set[str]) -> Sequence[Delivery]:
        """Give what is not `seen`, as to a client that reads on whatever it has acknowledged."""
        deadline = time.monotonic() + timeout
        while True:
            if self.expiring:
                self._expire()
            left = max(deadline - time.monotonic(), 0.0)
            new = [each for each in self._feed.poll(EVERYTHING, min(left, LOOK_AGAIN)) if each.position not in seen]
            if new or not left:
                break
            time.sleep(min(left, LOOK_AGAIN))
        self._known.update(each.position for each in new[:limit])
        return [self._handed(each) for each in new[:limit]]

    def _handed(self, delivery: Delivery) -> Delivery:
        carried = self._carried(delivery)
        if isinstance(delivery, Doorbell):
            self._note("handed", delivery)
            if isinstance(carried, Doorbell):
                self._note("announced", delivery)
        return carried

    def _note(self, kind: str, doorbell: Doorbell) -> None:
        event_id = doorbell.event.id if doorbell.event else ""
        self._journal.note(kind, self._projector, doorbell.stream, doorbell.version, event_id)

    def _expire(self) -> None:
        time.sleep(AWAY)
        gone = self._feed.poll(EVERYTHING, 1.0)
        for each in gone:
            if isinstance(each, Doorbell):
                self._note("excused", each)
        self._feed.acknowledge(gone)
        if any(each.position not in self._known for each in gone):
            self.expiring = False
            self._journal.note("fired", "consumer.past_retention")

    def _carried(self, delivery: Delivery) -> Delivery:
        event = delivery.event if isinstance(delivery, Doorbell) else None
        how = self._troubles.strike_event("record.poison", event.id) if event else None
        if not isinstance(delivery, Doorbell) or event is None or how is None:
            return delivery
        if how < 0.3:  # noqa: PLR2004 - its keys cannot be read
            return Unreadable(delivery.position, "the keys cannot be read")
        if how < 0.6:  # noqa: PLR2004 - its image cannot be read
            return delivery._replace(event=None)
        return delivery._replace(event=event._replace(data=b"{"))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Pass everything else on."""
        return getattr(self._feed, name)
