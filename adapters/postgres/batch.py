"""One batch of a projector: its streams are locked, then loaded; rows, cursors and everything else are saved by a few statements."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import Connection
from psycopg import Cursor as Statements

from adapters.postgres import batch_sql as sql
from adapters.postgres.arrays import BigInts, Texts, columns
from adapters.postgres.changes import SortedChanges, sort, storable
from adapters.postgres.failures import sentence
from adapters.postgres.read_tables import ReadTable, Unstorable
from adapters.postgres.standings import Standings, load_standings
from core.ports.generations import Generation
from core.ports.projection_store import Change, CursorMoved, RowRefused, Standing

REFUSALS = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,
    Unstorable,
    UnicodeEncodeError,
    OverflowError,
)
"""What a row brings about: SQLSTATE 22 and 23, 54000 (no index takes a text so long), and what cannot be written at all."""


class PostgresTransaction:
    """A batch in a transaction that has begun."""

    def __init__(
        self,
        statements: Statements[Any],
        projector: str,
        tables: Mapping[str, ReadTable],
        generations: Sequence[Generation],
    ) -> None:
        """Write these generations of the projector; `tables` are those of its rows."""
        self.generations = generations
        self._statements = statements
        self._projector = projector
        self._tables = tables
        self._loaded: Standings = {}
        self._unreadable: list[tuple[str, str]] = []

    @property
    def connection(self) -> Connection[Any]:
        """What the batch is on: what else is written there is saved with it, or not at all."""
        return self._statements.connection

    def lock(self, streams: Collection[str]) -> Mapping[int, Mapping[str, Standing]]:
        """Make what is missing, lock, and only then load what the locks guard."""
        numbers = [each.number for each in self.generations]
        about = {"projector": self._projector, "generations": BigInts(numbers), "streams": Texts(sorted(streams))}
        self._statements.execute(sql.MAKE_CURSORS, about)
        self._loaded = load_standings(
            self._statements, self._projector, self._tables, sql.LOCK_CURSORS, numbers, streams
        )
        return self._loaded

    def save(self, changes: Mapping[int, Sequence[Change]]) -> None:
        """Save the rows table by table, then everything else."""
        of = sort(changes, self._loaded)
        try:
            self._save_rows(of)
            moved = self._save_the_rest(of)
        except REFUSALS as error:
            raise RowRefused(sentence(error) if isinstance(error, psycopg.Error) else str(error)) from error
        if moved != (count := len(of.moved)):
            self._statements.connection.rollback()
            raise CursorMoved(f"{count - moved} of {count} cursors are no longer where they were loaded")

    def note_unreadable(self, position: str, reason: str) -> None:
        """Keep it for the statement that saves."""
        self._unreadable.append((storable(position), storable(reason)))

    def finish(self) -> None:
        """Write what `save` has not taken along."""
        if self._unreadable:
            self._statements.execute(sql.NOTE_UNREADABLE, self._parameters(SortedChanges()))

    def _save_rows(self, of: SortedChanges) -> None:
        for number, kind in of.saved.keys() | of.gone.keys():
            table = self._tables[kind]
            values = table.values
            rows = [(stream, version, *values(state)) for stream, version, state in of.saved[number, kind]]
            self._statements.execute(
                sql.save_rows(table, number), [*columns(rows, len(table.columns) + 2), Texts(of.gone[number, kind])]
            )

    def _save_the_rest(self, of: SortedChanges) -> int:
        """Tell how many cursors moved."""
        parts = [
            part
            for part, needed in (
                (sql.UNPARK, of.unparked),
                (sql.PARK, of.parked),
                (sql.ASK_FOR_MAILS, of.mails),
                (sql.NOTE_UNREADABLE, self._unreadable),
            )
            if needed
        ]
        parameters = self._parameters(of)
        self._unreadable.clear()
        return self._statements.execute(sql.move_cursors(*parts), parameters).rowcount

    def _parameters(self, of: SortedChanges) -> dict[str, Any]:
        return {
            "projector": self._projector,
            **_named("generations streams versions_before event_ids_before kinds versions event_ids", of.moved),
            **_named("unparked_generations unparked_streams", of.unparked),
            **_named(
                "parked_generations parked_streams parked_versions parked_errors parked_attempts parked_newest",
                of.parked,
            ),
            **_named("mail_events mail_templates mail_streams mail_versions mail_times", of.mails),
            **_named("positions reasons", self._unreadable),
        }


def _named(names: str, rows: Sequence[Sequence[object]]) -> dict[str, Sequence[object]]:
    split = names.split()
    return dict(zip(split, columns(rows, len(split)), strict=True))
