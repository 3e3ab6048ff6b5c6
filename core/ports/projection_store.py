"""What a projector keeps: a cursor per stream, rows, parked streams, mails to send. A batch is one transaction.

What there is one of for each stream is a tuple: it is made twice as fast as a frozen dataclass, and a batch makes thousands.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple, Protocol

from core.domain.aggregate import Aggregate
from core.ports.generations import Generation, Generations

if TYPE_CHECKING:  # read models ask for no mails
    from core.ports.mail_queue import NewMail


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


class Parked(NamedTuple):
    """A stream that waits for a fix: the first version that failed, why, how often it was tried, the newest version heard of."""

    stream: str
    version: int
    error: str
    attempts: int
    newest: int


class Row(NamedTuple):
    """The state of a stream after `version` events, saved as one row of its aggregate's read table."""

    stream: str
    version: int
    state: Aggregate


class Standing(NamedTuple):
    """Where one stream stands in one generation."""

    cursor: Cursor = Cursor()
    row: Row | None = None
    parked: Parked | None = None


class Change(NamedTuple):
    """What a batch does to one stream: its cursor goes from `before` to `after`.

    `row` is the row from here on, None for none. `parked` None means that the stream is not parked (any more). `mails` are queued unless
    one of the same event is.
    """

    stream: str
    before: Cursor
    after: Cursor
    row: Row | None
    parked: Parked | None = None
    mails: tuple["NewMail", ...] = ()


class ProjectionTransaction(Protocol):
    """One batch. Leaving it without an error commits; leaving it with one saves nothing."""

    @property
    def generations(self) -> Sequence[Generation]:
        """The generations that the batch is for, by number: all that are building or live, unless one was asked for.

        They cannot change before the batch ends.
        """

    def lock(self, streams: Collection[str]) -> Mapping[int, Mapping[str, Standing]]:
        """Make missing cursors, lock them all in sorted order until the end, and tell where each stream stands in each generation."""

    def save(self, changes: Mapping[int, Sequence[Change]]) -> None:
        """Save all of these, by generation, with the transaction.

        Raises:
            CursorMoved: a cursor is no longer `before`; the transaction fails.
            RowRefused: a row breaks a rule of the store; the transaction fails.
        """

    def note_unreadable(self, position: str, reason: str) -> None:
        """Keep the position of a record that nobody could read."""


class ProjectionStore(Generations, Protocol):
    """What one projector keeps, in generations. Every method raises `ProjectionUnavailable` when it cannot be reached."""

    def transaction(self, only: int | None = None) -> AbstractContextManager[ProjectionTransaction]:
        """Begin a batch; it commits when left without an error. `only` names the one generation to write, for a rebuild."""

    def standings(self, streams: Collection[str], generation: int | None = None) -> Mapping[str, Standing]:
        """Look where streams stand, locking nothing; those never seen are left out. Without a generation: in the live one."""

    def all_standings(self, generation: int | None = None, after: str = "") -> Iterator[tuple[str, Standing]]:
        """Give every stream that comes after this name with where it stands, by name. Those never seen are not there."""

    def parked_streams(self, generation: int | None = None) -> Sequence[Parked]:
        """List what waits for a fix, by stream. Without a generation: in the live one."""

    def unreadable_records(self) -> Sequence[tuple[str, str]]:
        """List the position of each record that nobody could read, with the reason, in order."""

    def feed(self) -> str:
        """Name the feed that the projector follows; empty where none was kept."""

    def keep_feed(self, name: str) -> None:
        """Have it follow this one. Where it is another, what was kept of a position in the one before is forgotten."""

    def bookmark(self) -> str:
        """Give what was kept last; empty where nothing was. It is one text a projector, for a job that is done in parts."""

    def keep_bookmark(self, text: str) -> None:
        """Keep this instead of what was kept before."""
