"""Generations on PostgreSQL: a registry, and one schema of rows each."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection

from adapters.postgres import generation_tables
from adapters.postgres.connections import Pool, connected
from adapters.postgres.failures import sentence
from adapters.postgres.read_tables import READ_TABLES, ReadTable
from core.ports.environment import Environment
from core.ports.generations import Generation, GenerationsRefused
from core.ports.projection_store import ProjectionUnavailable
from core.ports.retries import tries
from core.projections.rows import READ_MODELS

BATCHES = 0x42415443
"""The advisory locks of batches, one for each projector: shared by its batches, taken alone to wait for all of them."""

SHORT = "200ms"
"""How long a change of tables waits for their readers: those who come after it wait as long. Below `deadlock_timeout`, so that of a swap
and a reader who wait for each other the swap gives up.
"""

BARRIER = "60s"
"""How long to wait for the batches of before; longer than the time after which the server ends what a killed process held."""

PATIENCE = 30.0
"""Seconds to try a change of tables for."""

# Nobody else changes the registry meanwhile; batches go on reading it.
_ALONE = "LOCK TABLE shop_state.projection_generations IN SHARE ROW EXCLUSIVE MODE"
_KNOWN = "SELECT number, folds, status FROM shop_state.projection_generations WHERE projector = %s ORDER BY number"
_PASSED = """
    SELECT coalesce(sum(version), 0) FROM shop_state.projection_cursors JOIN shop_state.projection_generations AS of
        ON of.projector = projection_cursors.projector AND of.number = projection_cursors.generation
    WHERE of.projector = %s AND (of.number = %s OR of.status = %s)
"""
_REGISTER = "INSERT INTO shop_state.projection_generations (projector, number, folds, status) VALUES (%s, %s, %s, %s)"
_STATUS = "UPDATE shop_state.projection_generations SET status = %s WHERE projector = %s AND number = %s"


@contextmanager
def unavailable() -> Iterator[None]:
    """Have whatever PostgreSQL cannot do raise `ProjectionUnavailable`: what is nobody's event's fault is waited for."""
    try:
        yield
    except psycopg.Error as error:
        raise ProjectionUnavailable(sentence(error)) from error


class PostgresGenerations:
    """The registry of one projector. Only that of the read models has rows; any other keeps cursors alone."""

    def __init__(self, pool: Pool, environment: Environment, projector: str = READ_MODELS) -> None:
        """Work on the database of this pool."""
        self._pool = pool
        self._environment = environment
        self.projector = projector
        self.tables: dict[str, ReadTable] = READ_TABLES if projector == READ_MODELS else {}
        # Two batches of other projectors do not know each other; should their names meet in 32 bits, a barrier waits for both.
        self.batches = (BATCHES, zlib.crc32(projector.encode()) - 2**31)

    def establish(self, folds: int) -> None:
        """Make generation 1, live and empty, in a database that has none of this projector; whoever migrates does this."""
        with unavailable(), self._changing() as connection:
            if not self._all(connection):
                self._make(connection, Generation(1, folds, "live"))
                self._show(connection, 1)

    def generations(self) -> Sequence[Generation]:
        """List them by number."""
        with unavailable(), connected(self._pool) as connection:
            return self._known(connection)

    def passed(self, number: int | None = None) -> int:
        """Add the versions up."""
        with unavailable(), connected(self._pool) as connection:
            ((total,),) = connection.execute(_PASSED, [self.projector, number, "live" if number is None else None])
            return int(total)

    def begin(self, folds: int) -> Generation:
        """Register the next one, then wait for every batch that began before."""
        with unavailable():
            with self._changing() as connection:
                building = next((each for each in self._known(connection) if each.status == "building"), None)
                if building and building.folds != folds:
                    raise GenerationsRefused(
                        f"generation {building.number} is being built with folds {building.folds}, not {folds}; drop it first"
                    )
                if building is None:
                    building = Generation(max(self._all(connection)) + 1, folds, "building")
                    self._make(connection, building)
            self._wait_for_batches()
        return building

    def swap(self, number: int) -> None:
        """Replace the views and two entries of the registry, in one transaction."""

        def change(connection: Connection[Any]) -> None:
            known = {each.number: each for each in self._known(connection)}
            if number not in known or known[number].status != "building":
                raise GenerationsRefused(f"generation {number} is not being built, so it cannot go live")
            live = next(each.number for each in known.values() if each.status == "live")
            self._show(connection, number)
            connection.execute(_STATUS, ["retired", self.projector, live])
            connection.execute(_STATUS, ["live", self.projector, number])

        self._change_tables(change)

    def drop(self, number: int) -> None:
        """Retire it, wait until no batch writes it any more, then remove it. Cut short, it stays listed, to be dropped again."""
        with unavailable():
            with self._changing() as connection:
                status = {each.number: each.status for each in self._known(connection)}.get(number)
                if status in {None, "live"}:
                    reason = "is the live one" if status else "does not exist"
                    raise GenerationsRefused(f"generation {number} {reason}, so it cannot be dropped")
                connection.execute(_STATUS, ["retired", self.projector, number])
            self._wait_for_batches()

        def change(connection: Connection[Any]) -> None:
            connection.execute("SET LOCAL statement_timeout = 0")  # it may hold millions of cursors
            for table in ("projection_cursors", "parked_streams"):
                condition = "WHERE projector = %s AND generation = %s"
                connection.execute(f"DELETE FROM shop_state.{table} {condition}", [self.projector, number])
            if self.tables:
                generation_tables.remove(connection, number)
            connection.execute(_STATUS, ["dropped", self.projector, number])

        self._change_tables(change)

    def _all(self, connection: Connection[Any]) -> dict[int, Generation]:
        rows = connection.execute(_KNOWN, [self.projector])
        return {number: Generation(number, folds, status) for number, folds, status in rows}

    def _known(self, connection: Connection[Any]) -> list[Generation]:
        return [each for each in self._all(connection).values() if str(each.status) != "dropped"]

    def _make(self, connection: Connection[Any], generation: Generation) -> None:
        connection.execute(_REGISTER, [self.projector, *generation])
        if self.tables:
            generation_tables.make(connection, generation.number)

    def _show(self, connection: Connection[Any], number: int) -> None:
        if self.tables:
            generation_tables.show(connection, number)

    @contextmanager
    def _changing(self) -> Iterator[Connection[Any]]:
        with connected(self._pool) as connection, connection.transaction():
            connection.execute(_ALONE)
            yield connection

    def _change_tables(self, change: Callable[[Connection[Any]], None]) -> None:
        """Change what people may be reading: wait for them shortly, let those who queue behind go first, try again."""
        refused = ProjectionUnavailable("the tables were not changed")
        with unavailable():
            for _ in tries(self._environment, PATIENCE):
                try:
                    with self._changing() as connection:
                        connection.execute(f"SET LOCAL lock_timeout = '{SHORT}'")
                        change(connection)
                except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
                    refused = ProjectionUnavailable(sentence(error))
                else:
                    return
        raise refused

    def _wait_for_batches(self) -> None:
        """Take the lock that all batches share, alone and once: whoever begins after this reads the registry as it is now."""
        with connected(self._pool) as connection, connection.transaction():
            connection.execute(f"SET LOCAL lock_timeout = '{BARRIER}'")
            connection.execute("SET LOCAL statement_timeout = 0")
            connection.execute("SELECT pg_advisory_xact_lock(%s::int, %s::int)", self.batches)
