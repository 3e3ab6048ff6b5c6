"""The feed of PostgreSQL's event store: the table itself, in the order in which its rows became visible for good."""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple

import psycopg

from adapters.postgres.connections import Pool, connected
from adapters.postgres.failures import sentence
from adapters.postgres.listening import Listener
from adapters.postgres.rows import EVENT_COLUMNS, Row, recorded_event
from core.ports.environment import Environment
from core.ports.event_feed import Delivery, Doorbell, FeedUnavailable
from core.ports.events import Codec

FEED = "postgres"
"""The name of this feed, kept with the position of each projector."""

LOOK_AGAIN = 0.25
"""Seconds between two looks while waiting: a notice may be lost, and what another transaction holds back is announced by nobody."""

BEHIND = "(transaction_id, position) > (%s::text::xid8, %s)"

# Positions are given out when a row is written and seen when its transaction ends, in another order. Below the oldest transaction that
# still runs nothing can appear any more, so a reader that stays there, and goes by transaction first, passes over nothing.
SETTLED = "transaction_id < pg_snapshot_xmin(pg_current_snapshot())"

NEXT = f"""
    SELECT transaction_id, position, {EVENT_COLUMNS} FROM shop_events.events
    WHERE {BEHIND} AND {SETTLED} ORDER BY transaction_id, position LIMIT %s
"""
FIRST_BEHIND = f"""
    SELECT created_at, {SETTLED} FROM shop_events.events WHERE {BEHIND} ORDER BY transaction_id, position LIMIT 1
"""
OLDEST_WRITER = """
    SELECT pid, application_name, xact_start FROM (
        SELECT pid, application_name, xact_start, backend_xid AS id FROM pg_stat_activity WHERE backend_xid IS NOT NULL
        UNION ALL
        SELECT 0, 'prepared transaction ' || gid, prepared, transaction FROM pg_prepared_xacts
    ) AS writer ORDER BY age(id) DESC LIMIT 1
"""
POSITION = """
    SELECT feed, position, pg_snapshot_xmax(pg_current_snapshot())::text FROM shop_state.projectors WHERE projector = %s
"""
KEEP_POSITION = """
    INSERT INTO shop_state.projectors VALUES (%s, %s, %s)
    ON CONFLICT (projector) DO UPDATE SET feed = excluded.feed, position = excluded.position
"""


class Place(NamedTuple):
    """A place in the feed; 0, 0 is before its first event."""

    transaction: int = 0
    position: int = 0

    def __str__(self) -> str:
        """Write it as it is kept, and shown."""
        return f"{self.transaction}/{self.position}"


class HeldBackBy(NamedTuple):
    """The oldest transaction that writes: events behind it wait for its end, as one before them may still appear."""

    pid: int
    application: str
    since: datetime


class PostgresEventFeed:
    """The `EventFeed` of `core.ports.event_feed`; a projector that starts again goes on where all before it was acknowledged."""

    def __init__(self, url: str, pool: Pool, projector: str, codec: Codec, environment: Environment) -> None:
        """Read for this projector. `url` is for the one connection that listens; without it, or when it is lost, looking does the work."""
        self._pool = pool
        self._projector = projector
        self._codec = codec
        self._environment = environment
        self._listener = Listener(url, environment)
        self._lock = threading.Lock()
        self._read: Place | None = None
        self._waiting: dict[Place, Doorbell] = {}

    def close(self) -> None:
        """Close the connection that listens."""
        self._listener.close()

    def poll(self, limit: int, timeout: float = 0.0) -> Sequence[Delivery]:
        """Give what is not acknowledged, oldest first, and then what is new."""
        deadline = self._environment.monotonic() + timeout
        while True:
            if timeout:
                self._listener.listen()  # before looking, or a commit between the two would be missed
            if deliveries := self._look(limit):
                return deliveries
            left = deadline - self._environment.monotonic()
            if left <= 0:
                return []
            self._listener.wait(min(left, LOOK_AGAIN))

    def _look(self, limit: int) -> Sequence[Delivery]:
        with self._lock:
            self._read = self._place()
            missing = limit - len(self._waiting)
            if missing > 0:
                for transaction, position, *row in self._rows(NEXT, *self._behind(), missing):
                    self._read = Place(int(transaction), position)
                    event = recorded_event(tuple(row), self._codec)
                    self._waiting[self._read] = Doorbell(event.stream, event.version, event, str(self._read))
            if not self._waiting:
                self._read = None
            return list(self._waiting.values())[:limit]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Forget them, and keep up to where nothing is waited for any more."""
        with self._lock:
            done = {delivery.position for delivery in deliveries}
            waiting = {place: doorbell for place, doorbell in self._waiting.items() if doorbell.position not in done}
            if len(waiting) == len(self._waiting):
                return
            before = [place for place in self._waiting if place < min(waiting)] if waiting else [self._place()]
            if before:
                kept = max(before)
                self._rows(KEEP_POSITION, self._projector, FEED, str(kept))
            self._waiting = waiting
            if not waiting:
                self._read = None

    def lag_seconds(self) -> float:
        """Tell the age of the oldest event that is not acknowledged, one that is held back included."""
        with self._lock:
            times = [doorbell.event.created_at for doorbell in self._waiting.values() if doorbell.event]
            times += [created_at for created_at, _ in self._rows(FIRST_BEHIND, *self._behind())]
        return max((self._environment.now() - min(times)).total_seconds(), 0.0) if times else 0.0

    def hindrance(self) -> str:
        """Name the oldest writer, where a committed event waits for its end."""
        writer = self.held_back_by()
        if writer is None:
            return ""
        who = writer.application or "a transaction"
        return f"held back by {who} (process {writer.pid}), which writes since {writer.since:%Y-%m-%d %H:%M:%S%z}"

    def held_back_by(self) -> HeldBackBy | None:
        """Name who keeps an event that is committed from being delivered; None where none waits.

        The server tells of other users' transactions only to a member of `pg_read_all_stats`.

        Raises:
            FeedUnavailable: it was not reached.
        """
        with self._lock:
            settled = [settled for _, settled in self._rows(FIRST_BEHIND, *self._behind())]
            if settled != [False]:
                return None
            return next((HeldBackBy(*row) for row in self._rows(OLDEST_WRITER)), None)

    def _place(self) -> Place:
        """Give where reading goes on: behind what was read, as long as something of it is waited for; else behind what was kept.

        A server that was restored, or a standby that took over, may be behind what was read before, and give the same transaction
        numbers out again; what it keeps went back with it. A number that it has not come to yet is not its own: begin again, as
        what comes twice is dropped.
        """
        if self._read:
            return self._read
        for feed, position, next_transaction in self._rows(POSITION, self._projector):
            if feed == FEED and position:
                kept = Place(*map(int, position.split("/")))
                return kept if kept.transaction < int(next_transaction) else Place()
        return Place()

    def _behind(self) -> tuple[str, int]:
        place = self._place()
        return str(place.transaction), place.position  # xid8 is made of text alone

    def _rows(self, statement: LiteralString, *parameters: object) -> Sequence[Row]:
        try:
            with connected(self._pool) as connection:
                cursor = connection.execute(statement, parameters)
                return cursor.fetchall() if cursor.description else ()
        except psycopg.Error as error:
            self._read, self._waiting = None, {}  # who answers next may be a server that has not come as far
            raise FeedUnavailable(sentence(error)) from error
