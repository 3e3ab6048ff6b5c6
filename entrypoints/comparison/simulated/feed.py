"""A feed that repeats, holds back, damages and loses records, or is away."""

from collections.abc import Sequence

from core.ports.event_feed import Delivery, Doorbell, EventFeed, FeedUnavailable, Unreadable
from entrypoints.comparison.evidence import Handed
from entrypoints.comparison.faults import Faults
from entrypoints.comparison.simulated.outages import Outages
from entrypoints.comparison.simulated.scheduler import Scheduler

HELD = 3.0
"""Longest time, in seconds, that a record is held back."""


class FaultyFeed:
    """One projector's view of the feed, as badly as it may behave. It outlives the processes that read it.

    `handed` is what was handed out, before any damage; `announced` are the ids of those whose keys could be read,
    `excused` of those that a skipped record or retention took away.
    """

    def __init__(self, feed: EventFeed, away: str, faults: Faults, outages: Outages, scheduler: Scheduler) -> None:
        """Stand before `feed`; `away` names the outage that keeps it from being read."""
        self.handed: list[Handed] = []
        self.excused: set[str] = set()
        self.announced: set[str] = set()
        self.expiring = False
        self._feed = feed
        self._away = away
        self._faults = faults
        self._outages = outages
        self._scheduler = scheduler
        self._known: dict[str, Delivery] = {}
        self._held: dict[str, float] = {}
        self._again: dict[str, Doorbell] = {}

    def poll(self, limit: int, timeout: float = 0.0) -> Sequence[Delivery]:
        """Give what waits and is not held back."""
        return self.read(limit, timeout, frozenset())

    def read(self, limit: int, timeout: float, seen: frozenset[str] | set[str]) -> Sequence[Delivery]:
        """As `poll`, without what is `seen` already."""
        self._refuse_while_away()
        ready = self._ready(seen)
        if not ready and timeout:
            self._scheduler.wait(lambda: bool(self._ready(seen)), timeout)
            self._refuse_while_away()
            ready = self._ready(seen)
        given = ready[:limit]
        self.announced.update(
            record.event.id for record in given if record.event and isinstance(self._known[record.position], Doorbell)
        )
        self.handed += [(record.stream, record.version, record.event.id) for record in given if record.event]
        return [self._known[record.position] for record in given]

    def _refuse_while_away(self) -> None:
        if self._outages.away(self._away):
            raise FeedUnavailable(f"the {self._away} is away")

    def _ready(self, seen: frozenset[str] | set[str]) -> list[Doorbell]:
        records = [record for record in self._feed.poll(1000) if isinstance(record, Doorbell)]
        if self.expiring and records:
            self.expiring = False
            self._take_away(records)
            return []
        fresh = [record for record in records if record.position not in self._known]
        for record in fresh:
            self._arrived(record)
        now = self._scheduler.seconds
        due = [record for record in (*records, *self._again.values()) if self._held.get(record.position, 0.0) <= now]
        return [record for record in due if record.position not in seen and record.position in self._known]

    def _take_away(self, records: Sequence[Doorbell]) -> None:
        self.excused.update(record.event.id for record in records if record.event)
        self._feed.acknowledge(records)

    def _arrived(self, record: Doorbell) -> None:
        if self._faults.strikes("record.oversized"):
            self._take_away([record])
            return
        self._known[record.position] = self._carried(record)
        if self._faults.strikes("feed.reorder"):
            self._held[record.position] = self._scheduler.seconds + self._faults.part("feed.reorder") * HELD
        if self._faults.strikes("feed.duplicate"):
            again = record._replace(position=f"{record.position} again")
            self._known[again.position] = self._known[record.position]._replace(position=again.position)
            self._again[again.position] = again
            self._held[again.position] = self._scheduler.seconds + self._faults.part("feed.duplicate") * HELD

    def _carried(self, record: Doorbell) -> Delivery:
        if not self._faults.strikes("record.poison"):
            return record
        kind = self._faults.part("record.poison")
        if kind < 0.3:  # noqa: PLR2004 - its keys cannot be read
            return Unreadable(record.position, "the keys cannot be read")
        if kind < 0.6 or record.event is None:  # noqa: PLR2004 - its image cannot be read
            return record._replace(event=None)
        return record._replace(event=record.event._replace(data=b"{"))

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Take these as dealt with."""
        self._refuse_while_away()
        for delivery in deliveries:
            self._again.pop(delivery.position, None)
        self._feed.acknowledge(deliveries)

    def release(self) -> None:
        """Hold nothing back any more."""
        self._held.clear()
