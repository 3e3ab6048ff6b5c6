"""Reading more than one row: page by page, each a statement of its own, so that no session and no snapshot is held between two."""

from collections.abc import Iterator
from datetime import datetime

from adapters.postgres.connections import Pool
from adapters.postgres.rows import EVENT_COLUMNS, Row, recorded_event
from adapters.postgres.statements import fetched
from core.ports.environment import Environment
from core.ports.event_store import Head
from core.ports.events import Codec, RecordedEvent

PAGE = 500
"""Rows. A page is held in memory, and events only ever grow behind it: a later page cannot miss what an earlier one did not show."""

OF_SEGMENT = "abs(hashtext(stream)::bigint) %% %s = %s"

READ = f"""
    SELECT {EVENT_COLUMNS} FROM shop_events.events
    WHERE stream = %s AND version >= %s ORDER BY version LIMIT {PAGE}
"""
REPLAY = f"""
    SELECT {EVENT_COLUMNS} FROM shop_events.events
    WHERE (stream, version) > (%s, %s) AND {OF_SEGMENT} ORDER BY stream, version LIMIT {PAGE}
"""
# Version 0 was checked once, and nothing was appended.
HEADS = f"""
    SELECT stream, version, event_id FROM shop_events.heads
    WHERE stream > %s AND version > 0 AND {OF_SEGMENT} ORDER BY stream LIMIT {PAGE}
"""
CHANGED = f"""
    SELECT DISTINCT stream FROM shop_events.events
    WHERE created_at >= %s AND stream > %s ORDER BY stream LIMIT {PAGE}
"""


class PagedReader:
    """Everything that takes more than one page; each is tried again on its own while the server is away."""

    def __init__(self, pool: Pool, codec: Codec, environment: Environment, budget_seconds: float) -> None:
        """Keep what all reads share."""
        self._pool = pool
        self._codec = codec
        self._environment = environment
        self._budget = budget_seconds

    def stream(self, stream: str, first: int) -> Iterator[RecordedEvent]:
        """Give a stream's events from this version on."""
        while page := self._page(READ, stream, first):
            yield from self._events(page)
            if len(page) < PAGE:
                return
            first = page[-1][2] + 1

    def events(self, segment: int, segments: int) -> Iterator[RecordedEvent]:
        """Give the events of a segment, stream by stream, in version order."""
        last, version = "", 0
        while page := self._page(REPLAY, last, version, segments, segment):
            yield from self._events(page)
            last, version = page[-1][1:3]

    def heads(self, segment: int, segments: int) -> Iterator[Head]:
        """Give the heads of a segment."""
        last = ""
        while page := self._page(HEADS, last, segments, segment):
            yield from (Head(*row) for row in page)
            last = page[-1][0]

    def changed_since(self, at: datetime) -> Iterator[str]:
        """Give the streams with an event of this time or later."""
        last = ""
        while page := self._page(CHANGED, at, last):
            yield from (stream for (stream,) in page)
            last = page[-1][0]

    def _page(self, statement: str, *parameters: object) -> list[Row]:
        return list(fetched(self._pool, self._environment, self._budget, statement, *parameters))

    def _events(self, page: list[Row]) -> Iterator[RecordedEvent]:
        return (recorded_event(row, self._codec) for row in page)
