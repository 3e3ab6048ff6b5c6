"""What one batch does to one stream: steps 3 to 6 of the consumer rule in `docs/delivery.md`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from core.domain.aggregate import Aggregate
from core.ports.event_feed import Doorbell
from core.ports.event_store import EventReader, StoreUnavailable, StreamDamaged
from core.ports.events import RecordedEvent
from core.ports.mail_queue import NewMail
from core.ports.projection_store import Change, Cursor, Parked, Row

Fold = Callable[[Aggregate | None, RecordedEvent], Aggregate | None]
"""Give the state of a stream's row after an event; None before its first. It does not change the state it is given.

What it raises is the event's fault.
"""

MailsOf = Callable[[RecordedEvent], tuple[NewMail, ...]]
"""Tell which mails an event asks for."""

Note = Literal["applied", "duplicate", "healed", "refolded", "parked"]
"""What was done, to be counted: events applied, doorbells dropped, gaps read from the store, streams refolded, streams parked."""


def no_mails(_event: RecordedEvent) -> tuple[NewMail, ...]:
    """Ask for none, as rows do: a rebuild never mails."""
    return ()


@dataclass(slots=True)
class StreamBatch:
    """The doorbells of one stream in one batch. `notes` and `alarms` (sentences) count only once the batch is committed."""

    store: EventReader
    fold: Fold
    mails_of: MailsOf
    stream: str
    cursor: Cursor
    row: Row | None
    parked: Parked | None = None
    notes: list[Note] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def deal_with(self, doorbells: Sequence[Doorbell]) -> Change | None:
        """Give the change that these doorbells call for; None where there is nothing to save."""
        newest = max([doorbell.version for doorbell in doorbells])
        if self.parked:
            return self._wait(self.parked, newest)
        if run := self._next_in_order(doorbells):
            return self._applied(run)
        if self._denied(doorbells):
            return self.refold(newest)
        ahead = [doorbell for doorbell in doorbells if doorbell.version > self.cursor.version]
        self.notes += ["duplicate"] * (len(doorbells) - len(ahead))
        if not ahead:
            return None
        run = self._unbroken_run(ahead)
        if run and run[-1].version == newest:
            return self._applied(run)
        self.notes.append("healed")
        return self.catch_up(newest)

    def catch_up(self, newest: int) -> Change:
        """Apply everything stored since the cursor. Where the store denies the cursor, or has nothing at `newest`: refold."""
        events = self._stored_since_cursor()
        if events is None:
            return self.refold(newest)
        change = self._folded(self.row, self.cursor, events, newest)
        return change if change.parked or change.after.version >= newest else self.refold(newest)

    def advance(self, newest: int) -> Change:
        """As `catch_up`, but by one event: which one is at fault is found by applying each alone."""
        events = self._stored_since_cursor()
        if events is None:
            return self.refold(newest, most=1)
        change = self._folded(self.row, self.cursor, events, newest, most=1)
        if change.parked or change.after != self.cursor or self.cursor.version >= newest:
            return change
        return self.refold(newest)

    def refold(self, newest: int, most: int | None = None) -> Change:
        """Make the row anew from all events, or the first `most`; a stream without events loses its row and cursor."""
        self.notes = ["refolded"]
        self.alarms = [
            f"{self.stream} is made anew: a record or the cursor told of an event that the store does not have"
        ]
        return self._folded(None, Cursor(), self.store.read(self.stream), newest, most)

    def park(self, version: int, error: Exception, newest: int) -> Parked:
        """Have the stream wait at `version` because of `error`. Attempts are those on this version."""
        self.notes.append("parked")
        reason = f"{type(error).__name__}: {error}"
        self.alarms.append(f"{self.stream} is parked at version {version}: {reason}")
        attempts = self.parked.attempts + 1 if self.parked and self.parked.version == version else 1
        heard = self.parked.newest if self.parked else 0
        return Parked(self.stream, version, reason, attempts, max(newest, heard, version))

    def _wait(self, parked: Parked, newest: int) -> Change | None:
        if newest <= parked.newest:
            return None
        waiting = Parked(self.stream, parked.version, parked.error, parked.attempts, newest)
        return Change(self.stream, self.cursor, self.cursor, self.row, waiting)

    def _denied(self, doorbells: Sequence[Doorbell]) -> bool:
        """Tell whether a doorbell names another event for the version that the cursor stands at."""
        for doorbell in doorbells:
            if doorbell.version == self.cursor.version:
                event = doorbell.event or self._stored_at(doorbell.version)
                if event is None or event.id != self.cursor.event_id:
                    return True
        return False

    def _next_in_order(self, doorbells: Sequence[Doorbell]) -> list[RecordedEvent]:
        """Give the events of doorbells that say what comes next and nothing else, as nearly all do; none of any others."""
        run: list[RecordedEvent] = []
        for version, doorbell in enumerate(doorbells, self.cursor.version + 1):
            if doorbell.version != version or not doorbell.event:
                return []
            run.append(doorbell.event)
        return run

    def _unbroken_run(self, ahead: Sequence[Doorbell]) -> list[RecordedEvent]:
        """Give the events right after the cursor that came with their doorbells, up to the first gap or disagreement."""
        by_version: dict[int, RecordedEvent] = {}
        for doorbell in ahead:
            event = doorbell.event
            if event and by_version.setdefault(doorbell.version, event).id != event.id:
                return []
        run: list[RecordedEvent] = []
        while event := by_version.get(self.cursor.version + len(run) + 1):
            run.append(event)
        return run

    def _stored_at(self, version: int) -> RecordedEvent | None:
        try:
            return next(self.store.read(self.stream, version), None)
        except StreamDamaged:
            return None

    def _stored_since_cursor(self) -> Iterator[RecordedEvent] | None:
        """Read the events after the cursor, from its own version on; None where the store has another event there, or none."""
        events = self.store.read(self.stream, max(self.cursor.version, 1))
        if not self.cursor.version:
            return events
        try:
            at_cursor = next(events, None)
        except StreamDamaged:
            return None
        return events if at_cursor and at_cursor.id == self.cursor.event_id else None

    def _applied(self, run: Sequence[RecordedEvent]) -> Change:
        """Apply the events right after the cursor, which came with their doorbells."""
        noted, newest = len(self.notes), run[-1].version
        change = self._folded(self.row, self.cursor, run, newest)
        if not change.parked:
            return change
        # The record may be at fault, not the event: only what the store itself holds parks a stream.
        self.notes, self.alarms = self.notes[:noted], []
        return self.catch_up(newest)

    def _folded(
        self, row: Row | None, cursor: Cursor, events: Iterable[RecordedEvent], newest: int, most: int | None = None
    ) -> Change:
        state, parked, applied, last = (row.state if row else None), None, 0, None
        mails: list[NewMail] = []
        try:
            for event in islice(events, most):
                state, asked = self.fold(state, event), self.mails_of(event)
                last, applied = event, applied + 1
                mails += asked
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it raises is the event's fault, and must not stop other streams
            parked = self.park((last or cursor).version + 1, error, newest)
        cursor = Cursor(last.version, last.id) if last else cursor
        self.notes += ["applied"] * applied
        made = Row(self.stream, cursor.version, state) if state is not None and cursor.version else None
        return Change(self.stream, self.cursor, cursor, made, parked, tuple(mails))
