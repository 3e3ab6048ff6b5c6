"""The event store on PostgreSQL: one round trip a commit, consistent reads, and no promise that a cut connection could break."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from itertools import groupby

from adapters.postgres.connections import Pool
from adapters.postgres.parameters import commit_parameters
from adapters.postgres.reading import PagedReader
from adapters.postgres.rows import held_claim, is_name
from adapters.postgres.statements import fetched
from adapters.postgres.writing import CommitWriter
from adapters.serialization.recording import record, unbroken
from core.ports.commit import Commit, Committed
from core.ports.environment import Environment
from core.ports.event_store import Head, HeldClaim
from core.ports.events import Codec, RecordedEvent

FIND_CLAIM = """
    SELECT key, owner, commit_id, value, expires_at FROM shop_events.claims
    WHERE key = %s AND (expires_at <= %s) IS NOT TRUE
"""
EVENT_IDS = """
    SELECT stream, version, id FROM shop_events.events
    JOIN unnest(%s::text[], %s::bigint[]) AS place (stream, version) USING (stream, version)
"""
# A database that is copied, or dropped and restored, keeps the row but not the number.
INCARNATION = """
    SELECT lives.id || '@' || pg_database.oid FROM shop_events.lives, pg_database WHERE datname = current_database()
"""


class PostgresEventStore:
    """The `EventStore` of `core.ports.event_store`; any number of threads may share one."""

    def __init__(
        self, pool: Pool, codec: Codec, environment: Environment, budget_seconds: float, *, outbox: bool = False
    ) -> None:
        """Use a database that `check` found fit. `budget_seconds` is how long one call is tried again while PostgreSQL does not answer.

        `outbox`: what is committed is marked as still to be relayed.
        """
        self._pool = pool
        self._codec = codec
        self._environment = environment
        self._budget = budget_seconds
        self._reader = PagedReader(pool, codec, environment, budget_seconds)
        self._writer = CommitWriter(pool, environment, budget_seconds, outbox=outbox)

    def commit(self, commit: Commit) -> Committed:
        """Write all or nothing, in one statement."""
        recorded = record(self._codec, commit)
        parameters = commit_parameters(commit, recorded, self._codec)
        self._environment.failpoint("write.before")
        self._writer.write(commit, parameters)
        self._environment.failpoint("write.after")
        return Committed(commit.id, commit.positions)

    def read(self, stream: str, from_version: int = 1) -> Iterator[RecordedEvent]:
        """Read the stream page by page."""
        first = max(from_version, 1)
        if is_name(stream):
            yield from unbroken(self._reader.stream(stream, first), first)

    def replay(self, segment: int = 0, segments: int = 1) -> Iterator[RecordedEvent]:
        """Read the table page by page along its key; a segment is what a hash of the stream's name makes it.

        Raises:
            StreamDamaged: a stream has a hole.
        """
        for _, events in groupby(self._reader.events(segment, segments), key=lambda event: event.stream):
            yield from unbroken(events, 1)

    def heads(self, segment: int = 0, segments: int = 1) -> Iterator[Head]:
        """Read the heads page by page."""
        return self._reader.heads(segment, segments)

    def event_ids(self, places: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
        """Look all of them up in one statement."""
        named = [place for place in places if is_name(place[0])]
        streams, versions = [stream for stream, _ in named], [version for _, version in named]
        rows = fetched(self._pool, self._environment, self._budget, EVENT_IDS, streams, versions)
        return {(stream, version): id_ for stream, version, id_ in rows}

    def changed_since(self, at: datetime) -> Iterator[str]:
        """Look at the events of that time, found by a small index."""
        return self._reader.changed_since(at)

    def find_claim(self, key: str, at: datetime) -> HeldClaim | None:
        """Look the key up; one past its time stays in the table until it is claimed again, but holds no longer."""
        if not is_name(key):
            return None
        rows = fetched(self._pool, self._environment, self._budget, FIND_CLAIM, key, at)
        return held_claim(rows[0]) if rows else None

    def incarnation(self) -> str:
        """Give the name that the migration wrote, and the number of this database."""
        ((name,),) = fetched(self._pool, self._environment, self._budget, INCARNATION)
        return str(name)
