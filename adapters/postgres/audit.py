"""Which events a projector folded, kept beside the rows and in their transaction: for the comparison of designs, never in a shop."""

from collections.abc import Collection, Mapping

from adapters.postgres.batch import PostgresTransaction
from adapters.postgres.connections import Pool, connected

MAKE = """
    CREATE SCHEMA IF NOT EXISTS comparison;
    CREATE TABLE IF NOT EXISTS comparison.folded (
        projector text, stream text, ids text[] NOT NULL, PRIMARY KEY (projector, stream)
    );
    CREATE TABLE IF NOT EXISTS comparison.seen (
        projector text, event_id text, at double precision NOT NULL, PRIMARY KEY (projector, event_id)
    )
"""
LOAD = "SELECT stream, ids FROM comparison.folded WHERE projector = %s AND stream = ANY (%s::text[])"
SAVE = """
    INSERT INTO comparison.folded (projector, stream, ids) VALUES (%s, %s, %s::text[])
    ON CONFLICT (projector, stream) DO UPDATE SET ids = excluded.ids
"""
SEE = """
    INSERT INTO comparison.seen (projector, event_id, at)
    SELECT %s, event_id, extract(epoch FROM clock_timestamp()) FROM unnest(%s::text[]) AS event_id
    ON CONFLICT DO NOTHING
"""
FOLDED = "SELECT stream, ids FROM comparison.folded WHERE projector = %s"
SEEN = "SELECT event_id, at FROM comparison.seen WHERE projector = %s"

Ids = Mapping[str, tuple[str, ...]]
"""By stream, the ids of the events that were folded, in order."""


class AuditTable:
    """The audit of one projector. What it loads and saves is on the connection of a batch that has its streams locked."""

    def __init__(self, pool: Pool, projector: str) -> None:
        """Use tables that `make` made."""
        self._pool = pool
        self._projector = projector

    def make(self) -> None:
        """Make the tables where they are missing."""
        with connected(self._pool) as connection:
            connection.execute(MAKE)

    def load(self, transaction: PostgresTransaction, streams: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Give what was folded of these; a stream of which nothing was is left out."""
        rows = transaction.connection.execute(LOAD, [self._projector, sorted(streams)]).fetchall()
        return {stream: tuple(ids) for stream, ids in rows if ids}

    def save(self, transaction: PostgresTransaction, ids: Ids) -> None:
        """Replace what was folded of these, and note when each event was seen first."""
        with transaction.connection.cursor() as statements:
            statements.executemany(
                SAVE, [(self._projector, stream, list(of_stream)) for stream, of_stream in ids.items()]
            )
            statements.execute(
                SEE, [self._projector, [event_id for of_stream in ids.values() for event_id in of_stream]]
            )

    def folded(self) -> dict[str, tuple[str, ...]]:
        """Give what was folded of every stream."""
        with connected(self._pool) as connection:
            return {stream: tuple(ids) for stream, ids in connection.execute(FOLDED, [self._projector])}

    def seen(self) -> dict[str, float]:
        """Give when each event was seen first, in seconds since 1970."""
        with connected(self._pool) as connection:
            return dict(connection.execute(SEEN, [self._projector]).fetchall())
