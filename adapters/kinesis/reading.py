"""Reading one shard: how often, how far, and what its records say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from adapters.kinesis.lease import TRIM_HORIZON
from adapters.kinesis.pages import FOREIGN, MISSING, TOO_OFTEN, Page, Pages, Refused, Source
from adapters.kinesis.progress import Progress, Waiting
from adapters.kinesis.records import Carried, decode
from adapters.serialization.event_items import EPOCH
from core.ports.event_feed import Doorbell, FeedUnavailable

LOOK_AGAIN = 0.5
"""Seconds between two looks at a shard that had nothing new: it can be read five times a second, and its projectors share that."""

PAGES = 10
"""Pages read in one go where they are empty and the shard goes on: Kinesis walks through what it keeps in steps."""

FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.2, 5.0
"""Seconds to leave a shard alone that was read too often: up to the first, doubled each time up to the longest (full jitter)."""


class ShardReader:
    """Reads a shard from behind a checkpoint on.

    `has_ended`: it holds no more than what was read. `is_missing`: Kinesis knows no such shard. `refusals`: how many times in a row it
    was asked too often.
    """

    def __init__(self, source: Source, shard: str, checkpoint: str) -> None:
        """Read nothing yet."""
        self._source = source
        self._shard = shard
        self._pages = Pages(source, shard)
        self.progress = Progress(checkpoint)
        self.has_ended = False
        self.is_missing = False
        self.refusals = 0
        self._behind = 0.0
        self._read_at = self._rest_until = source.environment.monotonic()

    @property
    def rest_seconds(self) -> float:
        """How long to leave the shard alone."""
        return max(self._rest_until - self._source.environment.monotonic(), 0.0)

    @property
    def behind_seconds(self) -> float:
        """How old what was not read may be; 0 where all was."""
        unheard = self._source.environment.monotonic() - self._read_at if self.refusals else 0.0
        return self._behind + unheard

    def read(self, *, at_once: bool) -> bool:
        """Take in what the shard has next; tell whether it could be heard. `at_once`: look although there was nothing new a moment ago.

        Raises:
            FeedUnavailable: it was not reached; what was read before is still there.
        """
        if self.has_ended or (self.rest_seconds and (self.refusals or not at_once)):
            return False
        for _ in range(PAGES):
            page = self._page()
            if page is None:
                return False
            self._take_in(page["Records"])
            self._behind = page.get("MillisBehindLatest", 0) / 1000
            # Nothing else says that a shard is over: a page may be empty although more is to come.
            self.has_ended = not page.get("NextShardIterator")
            if page["Records"] or not self._behind or self.has_ended:
                break
        self._rest(0.0 if self._behind else LOOK_AGAIN)
        return True

    def _page(self) -> Page | None:
        """Give the next page; None where there is none to be had now."""
        try:
            page = self._pages.next(self.progress.checkpoint)
        except Refused as refusal:
            self._act_on(refusal)
            return None
        self.is_missing, self.refusals = False, 0
        self._read_at = self._source.environment.monotonic()
        return page

    def _act_on(self, refusal: Refused) -> None:
        if refusal.code == FOREIGN and self.progress.checkpoint != TRIM_HORIZON:
            self.progress = Progress(TRIM_HORIZON)  # begin again: what comes twice is dropped
        elif refusal.code == MISSING:
            self.is_missing = True
        elif refusal.code in TOO_OFTEN:
            longest = min(FIRST_BACK_OFF * 2**self.refusals, LONGEST_BACK_OFF)
            self.refusals += 1
            self._rest(self._source.environment.jitter(longest))
        else:
            raise FeedUnavailable(str(refusal)) from refusal

    def _take_in(self, records: Sequence[dict[str, Any]]) -> None:
        for record in records:
            number = record["SequenceNumber"]
            # An iterator that was opened anew begins at the checkpoint, and what is behind it may be waiting here.
            if self.progress.is_new(number):
                carried = decode(record["Data"], self._source.table, self._source.codec, f"{self._shard}:{number}")
                self.progress.add(number, carried and _waiting(carried, record["ApproximateArrivalTimestamp"]))

    def _rest(self, seconds: float) -> None:
        self._rest_until = self._source.environment.monotonic() + seconds


def _waiting(carried: Carried, came_at: datetime) -> Waiting:
    event = carried.delivery.event if isinstance(carried.delivery, Doorbell) else None
    happened_at = event.created_at if event and event.created_at > EPOCH else carried.changed_at
    return Waiting(carried.delivery, happened_at or came_at)
