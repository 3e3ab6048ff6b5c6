"""Where streams stand: their cursors, what they are parked on, and their rows, each asked for once for all of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from psycopg import Cursor as Statements

from adapters.postgres import batch_sql as sql
from adapters.postgres.arrays import BigInts, Texts
from adapters.postgres.read_tables import ReadTable
from core.ports.projection_store import Cursor, Parked, Row, Standing

Standings = dict[int, dict[str, Standing]]
"""By generation and stream."""


def load_standings(
    statements: Statements[Any],
    projector: str,
    tables: Mapping[str, ReadTable],
    cursors: str,
    generations: Sequence[int],
    streams: Collection[str],
) -> Standings:
    """Ask `cursors`, the statement that locks them or the one that does not, then for what they guard."""
    about = {"projector": projector, "generations": BigInts(generations), "streams": Texts(sorted(streams))}
    found = statements.execute(cursors, about).fetchall()
    rows = _rows(statements, tables, found)
    parked = {
        (generation, each[0]): Parked(*each) for generation, *each in statements.execute(sql.PARKED, about).fetchall()
    }
    standings: Standings = {number: dict.fromkeys(streams, Standing()) for number in generations}
    for number, stream, _, version, event_id in found:
        place = (number, stream)
        standings[number][stream] = Standing(Cursor(version, event_id), rows.get(place), parked.get(place))
    return standings


def _rows(
    statements: Statements[Any], tables: Mapping[str, ReadTable], cursors: Sequence[tuple[int, str, str, int, str]]
) -> dict[tuple[int, str], Row]:
    wanted = defaultdict[tuple[int, str], list[str]](list)
    for number, stream, kind, _, _ in cursors:
        if kind:
            wanted[number, kind].append(stream)
    rows = {}
    for (number, kind), streams in wanted.items():
        table = tables[kind]
        loaded = statements.execute(sql.load_rows(table, number), [Texts(streams)]).fetchall()
        for stream, version, *columns in loaded:
            rows[number, stream] = Row(stream, version, table.state(*columns))
    return rows
