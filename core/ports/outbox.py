"""What is committed and still to be relayed: a mark beside each event, written in its own commit."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from core.ports.events import RecordedEvent

LONGEST_RUN = 10
"""Events of one stream that are relayed in one turn, so that a hot stream does not hold up the others."""


class Turn(Protocol):
    """Some streams that have marks, to be relayed now."""

    @property
    def runs(self) -> Sequence[Sequence[RecordedEvent]]:
        """Marked events, a run a stream, in version order and read consistently.

        A run is the oldest part, of at most `LONGEST_RUN` events, of those that reach back from the stream's newest marked event to the
        first unmarked one. It is never empty.
        """

    def unmark(self, events: Sequence[RecordedEvent]) -> None:
        """Take the marks of these off, in the order given, before the turn is over; one that is off already stays off.

        Raises:
            StoreUnavailable: some marks may be left, as they may when the turn itself ends with it. Relaying those events again is a
                repeat, not a loss.
        """


class Outbox(Protocol):
    """The marks of an event store that was opened to write them.

    Pending is a mark and not a position: an event whose mark is not yet seen is seen later, and none is ever passed over.
    """

    def turn(self, limit: int) -> AbstractContextManager[Turn]:
        """Take up to `limit` streams that have marks; best effort: one may be missing for now.

        While others are left, the next turn takes them.

        Two relays on one stream repeat events at worst; an adapter that can gives a stream to one at a time.

        Raises:
            StoreUnavailable: the store was not reached.
        """

    def oldest(self) -> datetime | None:
        """Tell when the oldest of the marked events was committed, None where there are none; best effort: of many, some are looked at.

        Raises:
            StoreUnavailable: the store was not reached.
        """

    def pending(self) -> int:
        """Count the marked events, for people; best effort.

        Raises:
            StoreUnavailable: the store was not reached.
        """
