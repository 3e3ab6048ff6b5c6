"""The outbox on PostgreSQL: a row for each stream that has events to be relayed, which says how far it was relayed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from psycopg import Connection

from adapters.postgres.connections import Pool, connected
from adapters.postgres.failures import FAILURES, sentence
from adapters.postgres.rows import EVENT_COLUMNS, recorded_event
from core.ports.event_store import StoreUnavailable
from core.ports.events import Codec, RecordedEvent
from core.ports.outbox import LONGEST_RUN

# A broker may take its time, and the server would end a transaction that is idle for so long. That of a process which was killed ends
# with its connection; this is for one whose machine is gone.
MAY_IDLE = "SET LOCAL idle_in_transaction_session_timeout = '5min'"

# Over streams, never over events: who had the later events of a stream would publish them before the earlier ones.
TAKE = """
    SELECT stream, relayed FROM shop_events.outbox WHERE stream > %s ORDER BY stream LIMIT %s FOR UPDATE SKIP LOCKED
"""
RUNS = f"""
    SELECT {EVENT_COLUMNS}
    FROM unnest(%s::text[], %s::bigint[]) AS taken (of_stream, relayed)
    CROSS JOIN LATERAL (
        SELECT * FROM shop_events.events WHERE stream = of_stream AND version > relayed ORDER BY version LIMIT {LONGEST_RUN}
    ) AS event
    ORDER BY stream, version
"""
# Whoever appends to a stream holds its head, and will find this row, or make it once this ends. Such a head is left alone, and so is the
# row. SKIP LOCKED: who has changed a row of the outbox must wait for nobody, as those who hold heads may come to wait for that row.
FORGET = """
    WITH ended AS (
        SELECT head.stream FROM shop_events.heads AS head
        JOIN unnest(%s::text[], %s::bigint[]) AS done (stream, relayed) ON head.stream = done.stream AND head.version = done.relayed
        FOR SHARE OF head SKIP LOCKED
    )
    DELETE FROM shop_events.outbox USING ended WHERE outbox.stream = ended.stream
"""
MOVE_ON = """
    UPDATE shop_events.outbox SET relayed = done.relayed
    FROM unnest(%s::text[], %s::bigint[]) AS done (stream, relayed)
    WHERE outbox.stream = done.stream AND outbox.relayed <> done.relayed
"""
OLDEST = """
    SELECT min(created_at) FROM shop_events.outbox
    JOIN shop_events.events AS event ON event.stream = outbox.stream AND event.version = outbox.relayed + 1
"""
PENDING = """
    SELECT coalesce(sum(head.version - outbox.relayed), 0) FROM shop_events.outbox JOIN shop_events.heads AS head USING (stream)
"""


class PostgresOutbox:
    """The `Outbox` of `core.ports.outbox`, for one relay: a stream is given to one at a time.

    A turn is a transaction, which ends with its process or its connection, and what that had taken is free. Marks are taken off when the
    turn is over, so that no commit ever waits for one. A row is a place in its stream: where a store that marks nothing
    adds to a stream that has marks, that is relayed too.
    """

    def __init__(self, pool: Pool, codec: Codec) -> None:
        """Use a database that `check` found fit."""
        self._pool = pool
        self._codec = codec
        self._after = ""

    @contextmanager
    def turn(self, limit: int) -> Iterator["PostgresTurn"]:
        """Go on behind the streams of the last turn, and from the first again when there are no more."""
        with _unavailable(), connected(self._pool) as connection, connection.transaction():
            connection.execute(MAY_IDLE)
            began = self._after
            taken = self._take(connection, limit)
            if not taken and began:
                taken = self._take(connection, limit)
            rows = connection.execute(RUNS, [list(taken), list(taken.values())]).fetchall()
            events = (recorded_event(row, self._codec) for row in rows)
            turn = PostgresTurn(taken, [list(run) for _, run in groupby(events, key=lambda event: event.stream)])
            yield turn
            places = [list(taken), list(taken.values())]
            connection.execute(FORGET, places)
            connection.execute(MOVE_ON, places)

    def _take(self, connection: Connection[Any], limit: int) -> dict[str, int]:
        taken = dict(connection.execute(TAKE, [self._after, limit]).fetchall())
        self._after = max(taken) if len(taken) == limit else ""
        return taken

    def oldest(self) -> datetime | None:
        """Look at the first event of each stream that is to be relayed."""
        with _unavailable(), connected(self._pool) as connection:
            ((at,),) = connection.execute(OLDEST).fetchall()
        return at.astimezone(UTC) if at else None

    def pending(self) -> int:
        """Add up how far each stream has gone on since it was relayed."""
        with _unavailable(), connected(self._pool) as connection:
            ((count,),) = connection.execute(PENDING).fetchall()
        return int(count)


class PostgresTurn:
    """Streams that are locked, with how far each is relayed."""

    def __init__(self, relayed: dict[str, int], runs: Sequence[Sequence[RecordedEvent]]) -> None:
        """Move `relayed` on as marks are taken off."""
        self.runs = runs
        self._relayed = relayed

    def unmark(self, events: Sequence[RecordedEvent]) -> None:
        """Move on, event by event: what comes after one that is still marked stays marked too."""
        for event in events:
            if self._relayed.get(event.stream) == event.version - 1:
                self._relayed[event.stream] = event.version


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except FAILURES as error:
        raise StoreUnavailable(sentence(error)) from error
