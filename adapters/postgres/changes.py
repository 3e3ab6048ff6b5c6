"""The changes of a batch, sorted in one pass by the statements that save them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.postgres.standings import Standings
from core.ports.mail_queue import NewMail
from core.ports.projection_store import Change, Row, Standing

Table = tuple[int, str]
"""A generation and an aggregate type: where rows are."""

NOWHERE = Standing()


@dataclass(slots=True)
class SortedChanges:
    """What a batch saves: rows, and the streams that lose theirs, by table; and parameters, row by row, named as their statements."""

    saved: defaultdict[Table, list[Row]] = field(default_factory=lambda: defaultdict(list))
    gone: defaultdict[Table, list[str]] = field(default_factory=lambda: defaultdict(list))
    moved: list[tuple[int, str, int, str, str, int, str]] = field(default_factory=list)
    parked: list[tuple[int, str, int, str, int, int]] = field(default_factory=list)
    unparked: list[tuple[int, str]] = field(default_factory=list)
    mails: list[NewMail] = field(default_factory=list)


def sort(changes: Mapping[int, Sequence[Change]], loaded: Standings) -> SortedChanges:
    """Sort them; `loaded` says where their streams stood."""
    of = SortedChanges()
    for number, of_generation in changes.items():
        stood = loaded.get(number, {})
        for stream, before, after, row, parked, mails in of_generation:
            kind, standing = _kind(row), stood.get(stream, NOWHERE)
            if row:
                of.saved[number, kind].append(row)
            if standing.row and (kind_before := _kind(standing.row)) != kind:
                of.gone[number, kind_before].append(stream)
            of.moved.append((number, stream, *before, kind, *after))
            if parked:
                error = storable(parked.error)
                of.parked.append((number, stream, parked.version, error, parked.attempts, parked.newest))
            elif standing.parked:
                of.unparked.append((number, stream))
            of.mails += mails
    return of


def storable(text: str) -> str:
    """Write what no text column takes as an escape: a NUL, half a surrogate pair. It comes from data that could not be read."""
    return text.replace("\0", "\\0").encode(errors="backslashreplace").decode()


def _kind(row: Row | None) -> str:
    return type(row.state).__name__ if row else ""
