"""One batch of a projector: its streams are locked, then loaded; rows, cursors and everything else are saved by a few statements."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import Cursor as Statements

from adapters.postgres import batch_sql as sql
from adapters.postgres.arrays import BigInts, Texts, columns
from adapters.postgres.failures import sentence
from adapters.postgres.read_tables import ReadTable, Unstorable
from adapters.postgres.standings import Standings, load_standings
from core.ports.generations import Generation
from core.ports.projection_store import Change, CursorMoved, Row, RowRefused, Standing

REFUSALS = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,
    Unstorable,
    UnicodeEncodeError,
    OverflowError,
)
"""What a row brings about: SQLSTATE 22 and 23, 54000 (no index takes a text so long), and what cannot be written at all."""

Place = tuple[int, Change]
"""A change with its generation."""


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
        places = [(number, change) for number, of_generation in changes.items() for change in of_generation]
        try:
            self._save_rows(places)
            moved = self._save_the_rest(places)
        except REFUSALS as error:
            raise RowRefused(sentence(error) if isinstance(error, psycopg.Error) else str(error)) from error
        if moved != len(places):
            self._statements.connection.rollback()
            raise CursorMoved(f"{len(places) - moved} of {len(places)} cursors are no longer where they were loaded")

    def note_unreadable(self, position: str, reason: str) -> None:
        """Keep it for the statement that saves."""
        self._unreadable.append((_storable(position), _storable(reason)))

    def finish(self) -> None:
        """Write what `save` has not taken along."""
        if self._unreadable:
            self._statements.execute(sql.NOTE_UNREADABLE, self._parameters([]))

    def _save_rows(self, places: Sequence[Place]) -> None:
        saved = defaultdict[tuple[int, str], list[Row]](list)
        gone = defaultdict[tuple[int, str], list[str]](list)
        for number, change in places:
            before = self._standing(number, change.stream).row
            if change.row:
                saved[number, _kind(change.row)].append(change.row)
            if before and _kind(before) != _kind(change.row):
                gone[number, _kind(before)].append(change.stream)
        for number, kind in saved.keys() | gone.keys():
            table = self._tables[kind]
            rows = [(row.stream, row.version, *table.values(row.state)) for row in saved[number, kind]]
            self._statements.execute(
                sql.save_rows(table, number), [*columns(rows, len(table.columns) + 2), Texts(gone[number, kind])]
            )

    def _save_the_rest(self, places: Sequence[Place]) -> int:
        parameters = self._parameters(places)
        parts = [
            part
            for part, needed in (
                (sql.UNPARK, parameters["unparked_streams"]),
                (sql.PARK, parameters["parked_streams"]),
                (sql.ASK_FOR_MAILS, parameters["mail_events"]),
                (sql.NOTE_UNREADABLE, parameters["positions"]),
            )
            if needed
        ]
        self._unreadable.clear()
        (moved,) = self._statements.execute(sql.move_cursors(*parts), parameters).fetchone() or (0,)
        return int(moved)

    def _parameters(self, places: Sequence[Place]) -> dict[str, Any]:
        moved = [(number, change.stream, *change.before, _kind(change.row), *change.after) for number, change in places]
        unparked = [
            (number, change.stream)
            for number, change in places
            if not change.parked and self._standing(number, change.stream).parked
        ]
        parked = [
            (number, each.stream, each.version, _storable(each.error), each.attempts, each.newest)
            for number, change in places
            if (each := change.parked)
        ]
        mails = [mail for _, change in places for mail in change.mails]
        return {
            "projector": self._projector,
            **_named("generations streams versions_before event_ids_before kinds versions event_ids", moved),
            **_named("unparked_generations unparked_streams", unparked),
            **_named(
                "parked_generations parked_streams parked_versions parked_errors parked_attempts parked_newest", parked
            ),
            **_named("mail_events mail_templates mail_streams mail_versions mail_times", mails),
            **_named("positions reasons", self._unreadable),
        }

    def _standing(self, number: int, stream: str) -> Standing:
        return self._loaded.get(number, {}).get(stream, Standing())


def _kind(row: Row | None) -> str:
    return type(row.state).__name__ if row else ""


def _named(names: str, rows: Sequence[Sequence[object]]) -> dict[str, Sequence[object]]:
    split = names.split()
    return dict(zip(split, columns(rows, len(split)), strict=True))


def _storable(text: str) -> str:
    """Write what no text column takes as an escape: a NUL, half a surrogate pair. It comes from data that could not be read."""
    return text.replace("\0", "\\0").encode(errors="backslashreplace").decode()
