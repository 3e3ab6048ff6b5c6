"""What a projector keeps, on PostgreSQL: a batch is one transaction of a fixed number of statements, whatever its size.

psycopg alone, as a projector's cold start must stay near its own. Statements go one by one: sent together they are a
twentieth faster (psycopg's pipeline mode), but a server that waits for the rest of them, or has met the flush after the last, counts no
time as idle, and what a frozen process holds is never freed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import Connection
from psycopg import Cursor as Statements

from adapters.postgres import batch_sql as sql
from adapters.postgres.arrays import teach
from adapters.postgres.batch import PostgresTransaction
from adapters.postgres.connections import connected
from adapters.postgres.generations import PostgresGenerations, unavailable
from adapters.postgres.standings import load_standings
from core.ports.generations import Generation
from core.ports.projection_store import Parked, ProjectionUnavailable, Standing

PAGE = 1_000
"""Streams that are looked at in one transaction, where all of them are."""


class PostgresProjectionStore(PostgresGenerations):
    """The cursors, rows and parked streams of one projector."""

    @contextmanager
    def transaction(self, only: int | None = None) -> Iterator[PostgresTransaction]:
        """Begin a batch under the lock that a rebuild's barrier waits for; then see which generations it is for."""
        with unavailable(), connected(self._pool) as connection:  # which commits, or rolls back
            statements = _statements(connection, "BEGIN ISOLATION LEVEL READ COMMITTED")
            statements.execute(sql.SHARE, self.batches)
            written = [Generation(*row) for row in statements.execute(sql.WRITTEN, [self.projector])]
            if not written:
                raise ProjectionUnavailable(f"the database knows no generation of the projector {self.projector!r}")
            generations = [each for each in written if only in {None, each.number}]
            transaction = PostgresTransaction(statements, self.projector, self.tables, generations)
            yield transaction
            transaction.finish()

    def standings(self, streams: Collection[str], generation: int | None = None) -> Mapping[str, Standing]:
        """Look them up, all in one moment."""
        with self._moment(generation) as (statements, number):
            return self._standings(statements, streams, number)

    def all_standings(self, generation: int | None = None, after: str = "") -> Iterator[tuple[str, Standing]]:
        """Go from page to page, each of one moment; between them nothing is held."""
        streams = [after]
        while streams:
            with self._moment(generation) as (statements, number):
                page = statements.execute(sql.NEXT_STREAMS, [self.projector, number, streams[-1], PAGE])
                streams = [stream for (stream,) in page]
                standings = self._standings(statements, streams, number)
            yield from sorted(standings.items())

    def parked_streams(self, generation: int | None = None) -> Sequence[Parked]:
        """List them by stream."""
        with self._moment(generation) as (statements, number):
            return [Parked(*row) for row in statements.execute(sql.ALL_PARKED, [self.projector, number])]

    def unreadable_records(self) -> Sequence[tuple[str, str]]:
        """List them in the order they were met."""
        with self._moment(None) as (statements, _):
            return statements.execute(sql.ALL_UNREADABLE, [self.projector]).fetchall()

    def feed(self) -> str:
        """Look it up."""
        with unavailable(), connected(self._pool) as connection:
            row = connection.execute(sql.FOLLOWED, [self.projector]).fetchone()
        return row[0] if row else ""

    def keep_feed(self, name: str) -> None:
        """Replace it, and the position in it."""
        with unavailable(), connected(self._pool) as connection:
            connection.execute(sql.FOLLOW, [self.projector, name])

    def bookmark(self) -> str:
        """Look it up."""
        with self._moment(None) as (statements, _):
            row = statements.execute(sql.BOOKMARK, [self.projector]).fetchone()
            return row[0] if row else ""

    def keep_bookmark(self, text: str) -> None:
        """Replace it."""
        with unavailable(), connected(self._pool) as connection:
            connection.execute(sql.KEEP_BOOKMARK, [self.projector, text])

    def _standings(self, statements: Statements[Any], streams: Collection[str], number: int) -> dict[str, Standing]:
        looked_at = load_standings(statements, self.projector, self.tables, sql.LOOK_AT_CURSORS, [number], streams)[
            number
        ]
        return {stream: standing for stream, standing in looked_at.items() if standing != Standing()}

    @contextmanager
    def _moment(self, generation: int | None) -> Iterator[tuple[Statements[Any], int]]:
        """Look at the database as of one moment; give the number of the generation too, which is the live one's if none is asked for."""
        with unavailable(), connected(self._pool) as connection:
            statements = _statements(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            live = next((each.number for each in self._known(connection) if each.status == "live"), 0)
            yield statements, live if generation is None else generation


def _statements(connection: Connection[Any], begin: str) -> Statements[Any]:
    """Begin a transaction; give what its statements are sent with."""
    statements = connection.cursor(binary=True)
    teach(statements)
    statements.execute(begin.encode())
    return statements
