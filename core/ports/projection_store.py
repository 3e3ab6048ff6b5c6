"""What a projector keeps: a cursor per stream, rows, parked streams. A batch is one transaction."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from core.domain.aggregate import Aggregate


class ProjectionUnavailable(Exception):
    """The store cannot be reached, or refuses for now (time-out, deadlock). Nothing was saved; it is nobody's event's fault."""


class CursorMoved(ProjectionUnavailable):
    """Another owner moved a cursor since it was loaded. Nothing was saved; load again."""


class RowRefused(Exception):
    """A row breaks a rule of the store, so an event of its stream is at fault. Nothing was saved."""


class Cursor(NamedTuple):
    """The last event of a stream that was dealt with; version 0 and no id before the first."""

    version: int = 0
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Parked:
    """A stream that waits for a fix: the first version that failed, why, how often it was tried, the newest version heard of."""

    stream: str
    version: int
    error: str
    attempts: int
    newest: int


@dataclass(frozen=True, slots=True)
class Row:
    """The state of a stream after `version` events, saved as one row of its aggregate's read table."""

    stream: str
    version: int
    state: Aggregate


@dataclass(frozen=True, slots=True)
class Change:
    """What a batch does to one stream: its cursor goes from `before` to `after`.

    `row` is the row from here on, None for none. `parked` None means that the stream is not parked (any more).
    """

    stream: str
    before: Cursor
    after: Cursor
    row: Row | None
    parked: Parked | None = None


class ProjectionTransaction(Protocol):
    """One batch. Leaving it without an error commits; leaving it with one saves nothing."""

    def lock(self, streams: Collection[str]) -> Mapping[str, Cursor]:
        """Make missing cursors, lock them all in sorted order until the end, and give them."""

    def parked(self, streams: Collection[str]) -> Mapping[str, Parked]:
        """Give those of the locked streams that are parked."""

    def rows(self, streams: Collection[str]) -> Mapping[str, Row]:
        """Give the rows of the locked streams; those without one are left out."""

    def save(self, changes: Sequence[Change]) -> None:
        """Save all of these with the transaction.

        Raises:
            CursorMoved: a cursor is no longer `before`; the transaction fails.
            RowRefused: a row breaks a rule of the store; the transaction fails.
        """

    def note_unreadable(self, position: str, reason: str) -> None:
        """Keep the position of a record that nobody could read."""


class ProjectionStore(Protocol):
    """Cursors, rows and parked streams of one projector. Every method raises `ProjectionUnavailable` when it cannot be reached."""

    def transaction(self) -> AbstractContextManager[ProjectionTransaction]:
        """Begin a batch; it commits when left without an error."""

    def parked_streams(self) -> Sequence[Parked]:
        """List what waits for a fix, by stream."""

    def unreadable_records(self) -> Sequence[tuple[str, str]]:
        """List the position of each record that nobody could read, with the reason, in order."""
