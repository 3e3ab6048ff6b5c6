"""Ways to break the shop, each of which the comparison must report, with the figures that give it away."""

# ruff: noqa: ANN401 - a sabotage takes what the code it replaces is given

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest

from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.mail_queue import InMemoryMailQueue
from adapters.inmemory.outbox import InMemoryOutbox
from core.delivery.consumer import Consumer
from core.delivery.notify import Sender
from core.delivery.reconcile import Reconcile
from core.delivery.relay import Relay
from core.delivery.stream_batch import StreamBatch
from core.ports.commit import Commit, Committed
from core.ports.event_store import Head
from core.ports.events import RecordedEvent
from core.ports.mail_queue import Leased, Mail
from core.ports.projection_store import Change, Parked
from entrypoints.comparison.audit import AuditedProjections
from entrypoints.comparison.simulated.feed import FaultyFeed

Patch = Callable[[pytest.MonkeyPatch], None]


class Sabotage(NamedTuple):
    """What is broken, under which design it shows (always with `doorbell+reconcile`), and in which figures, one of them at least."""

    name: str
    design: str
    figures: tuple[str, ...]
    break_it: Patch


def drops_one_in_a_hundred(patch: pytest.MonkeyPatch) -> None:
    """The projector moves its cursor over an event now and then without folding it."""
    honest, count = StreamBatch._folded, [0]

    def folded(self: StreamBatch, row: Any, cursor: Any, events: Any, newest: int, most: int | None = None) -> Change:
        fold = self.fold

        def dropping(state: Any, event: RecordedEvent) -> Any:
            count[0] += 1
            return state if count[0] % 100 == 0 and state is not None else fold(state, event)

        self.fold = dropping
        return honest(self, row, cursor, events, newest, most)

    patch.setattr(StreamBatch, "_folded", folded)


def unmarks_before_the_acknowledgement(patch: pytest.MonkeyPatch) -> None:
    """The relay takes the mark off, then publishes."""

    def step(self: Any) -> int:
        with self._outbox.turn(100) as turn:
            events = [event for run in turn.runs for event in run]
            turn.unmark(events)
            self._environment.failpoint("relay.before_unmark")
            self._publish(turn.runs)
        return len(events)

    patch.setattr(Relay, "step", step)


def saves_the_cursor_before_the_rows(patch: pytest.MonkeyPatch) -> None:
    """Cursors are saved in a transaction of their own, so a crash between the two loses the rows."""
    honest = Consumer._transact

    def transact(self: Consumer, doorbells: Any, unreadable: Any, only: int | None) -> None:
        transactions = self._transactions
        with transactions.begun(only, list(doorbells)) as (transaction, batches):
            early = [
                Change(batch.stream, batch.cursor, change.after, batch.row, batch.parked)
                for batch in batches.get(1, ())
                if (change := batch.deal_with(doorbells[batch.stream])) and change.after.version > batch.cursor.version
            ]
            transaction.save({1: early})
        with transactions.begun(only, list(doorbells)) as (transaction, batches):
            late = []
            for batch in batches.get(1, ()):
                before = next((each for each in early if each.stream == batch.stream), None)
                if before is not None:
                    batch.cursor = before.before
                    if change := batch.deal_with(doorbells[batch.stream]):
                        late.append(change._replace(before=before.after))
            transaction.save({1: late})
        if unreadable:
            honest(self, {}, unreadable, only)

    patch.setattr(Consumer, "_transact", transact)


def heals_from_an_inconsistent_read(patch: pytest.MonkeyPatch) -> None:
    """A read behind a gap misses the newest event now and then, as an eventually consistent one does, and is believed."""
    honest, count = StreamBatch._stored_since_cursor, [0]

    def stored(self: StreamBatch) -> Iterator[RecordedEvent] | None:
        events = honest(self)
        count[0] += 1
        return iter(list(events)[:-1]) if events is not None and count[0] % 3 == 0 else events

    def refold(self: StreamBatch, newest: int, most: int | None = None) -> Change:
        events = list(self.store.read(self.stream))
        change: Change = self._folded(None, type(self.cursor)(), iter(events[:-1]), newest, most)
        return change

    patch.setattr(StreamBatch, "_stored_since_cursor", stored)
    patch.setattr(StreamBatch, "refold", refold)


def reconcile_skips_a_shard(patch: pytest.MonkeyPatch) -> None:
    """The walk over the store's heads leaves some streams out."""
    honest = InMemoryEventStore.heads

    def heads(self: InMemoryEventStore, segment: int = 0, segments: int = 1) -> Iterator[Head]:
        return (head for head in honest(self, segment, segments) if sum(head.stream.encode()) % 4)

    patch.setattr(InMemoryEventStore, "heads", heads)
    patch.setattr(InMemoryEventStore, "changed_since", lambda _self, _at: iter(()))


def the_store_loses_a_conflict(patch: pytest.MonkeyPatch) -> None:
    """A stale decision on stock is written over the event that came first."""
    honest = InMemoryEventStore._refuse_stale_decisions

    def refuse(self: InMemoryEventStore, commit: Commit) -> None:
        stale = [
            a
            for a in commit.appends
            if a.stream.startswith("inventory-") and self._version(a.stream) > a.expected_version
        ]
        if not stale:
            honest(self, commit)
        for append in stale:
            lost = self._streams[append.stream][append.expected_version :]
            del self._streams[append.stream][append.expected_version :]
            self._log[:] = [event for event in self._log if event not in lost]

    patch.setattr(InMemoryEventStore, "_refuse_stale_decisions", refuse)


def marks_a_mail_before_it_is_sent(patch: pytest.MonkeyPatch) -> None:
    """The sender settles a mail as sent, then sends it."""

    def deal_with(self: Any, leased: Leased) -> Mail:
        mail: Mail = self._settled(leased.mail, "sent")
        self._queue.settle(mail)
        self._environment.failpoint("mail.before_mark")
        self._mailer.send(self._messages.message_of(leased.mail))
        return mail

    patch.setattr(Sender, "_deal_with", deal_with)


def applies_what_is_behind_the_cursor(patch: pytest.MonkeyPatch) -> None:
    """A duplicate is folded once more."""

    def deal_with(self: StreamBatch, doorbells: Sequence[Any]) -> Change | None:
        events = sorted([each.event for each in doorbells if each.event], key=lambda event: event.version)
        if not events:
            return None
        change: Change = self._folded(self.row, self.cursor, iter(events), events[-1].version)
        return change

    patch.setattr(StreamBatch, "deal_with", deal_with)


def redrive_does_nothing(patch: pytest.MonkeyPatch) -> None:
    """A parked stream stays parked."""
    patch.setattr(Consumer, "redrive", lambda _self, _stream: None)


def goes_on_behind_a_poisoned_event(patch: pytest.MonkeyPatch) -> None:
    """An event that cannot be folded is passed over instead of parking its stream."""

    def park(self: StreamBatch, version: int, error: Exception, newest: int) -> Parked | None:
        return None

    def folded(self: StreamBatch, row: Any, cursor: Any, events: Any, newest: int, most: int | None = None) -> Change:
        fold = self.fold

        def swallowing(state: Any, event: RecordedEvent) -> Any:
            try:
                return fold(state, event)
            except ArithmeticError:
                return state

        self.fold = swallowing
        return honest(self, row, cursor, events, newest, most)

    honest = StreamBatch._folded
    patch.setattr(StreamBatch, "_folded", folded)
    patch.setattr(StreamBatch, "park", park)


def marks_only_the_first_event_of_an_append(patch: pytest.MonkeyPatch) -> None:
    """The outbox forgets what a commit writes to every stream but its first event's kind: orders are never relayed."""
    honest = InMemoryOutbox.mark

    def mark(self: InMemoryOutbox, events: Sequence[RecordedEvent]) -> None:
        if events[0].type != "OrderPlaced":
            honest(self, events)

    patch.setattr(InMemoryOutbox, "mark", mark)


def tears_a_commit(patch: pytest.MonkeyPatch) -> None:
    """One commit in ten is written without its last stream."""
    honest, count = InMemoryEventStore._write, [0]

    def write(self: InMemoryEventStore, commit: Commit, recorded: list[list[RecordedEvent]]) -> None:
        count[0] += 1
        if count[0] % 10 == 0 and len(commit.appends) > 1:
            whole = commit.appends
            object.__setattr__(commit, "appends", whole[:-1])
            try:
                honest(self, commit, recorded[:-1])
            finally:
                object.__setattr__(commit, "appends", whole)
        else:
            honest(self, commit, recorded)

    patch.setattr(InMemoryEventStore, "_write", write)


def acknowledges_what_it_did_not_write(patch: pytest.MonkeyPatch) -> None:
    """One commit in fifty is told to be stored and is not."""
    honest, count = InMemoryEventStore.commit, [0]

    def commit(self: InMemoryEventStore, commit: Commit) -> Committed:
        count[0] += 1
        return Committed(commit.id, commit.positions) if count[0] % 50 == 0 else honest(self, commit)

    patch.setattr(InMemoryEventStore, "commit", commit)


def asks_for_no_mail_about_payments(patch: pytest.MonkeyPatch) -> None:
    """The queue loses what one kind of event asks for."""
    honest = InMemoryMailQueue.enqueue

    def enqueue(self: InMemoryMailQueue, mails: Any) -> None:
        honest(self, (mail for mail in mails if mail.template != "OrderPaid"))

    patch.setattr(InMemoryMailQueue, "enqueue", enqueue)


def the_feed_loses_records(patch: pytest.MonkeyPatch) -> None:
    """The transport forgets a record in thirty, and says so nowhere."""
    honest, count = FaultyFeed._arrived, [0]

    def arrived(self: Any, record: Any) -> None:
        count[0] += 1
        if count[0] % 30 == 0:
            self._feed.acknowledge([record])
        else:
            honest(self, record)

    patch.setattr(FaultyFeed, "_arrived", arrived)


def saves_the_row_of_before(patch: pytest.MonkeyPatch) -> None:
    """The cursor moves, the row stays as it was, one time in twenty."""
    honest, count = StreamBatch._folded, [0]

    def folded(self: StreamBatch, row: Any, cursor: Any, events: Any, newest: int, most: int | None = None) -> Change:
        change: Change = honest(self, row, cursor, events, newest, most)
        count[0] += 1
        if count[0] % 20 == 0 and row is not None and change.row is not None:
            return change._replace(row=row._replace(version=change.row.version))
        return change

    patch.setattr(StreamBatch, "_folded", folded)


def repairs_nothing(patch: pytest.MonkeyPatch) -> None:
    """Reconcile finds what differs and leaves it so."""
    patch.setattr(Reconcile, "repair", lambda _self, _report, **_named: None)


def commits_rows_that_a_crash_cut(patch: pytest.MonkeyPatch) -> None:
    """The audit's own trap: a transaction that fails is saved all the same."""
    honest = AuditedProjections.transaction

    @contextmanager
    def transaction(self: AuditedProjections, only: int | None = None) -> Iterator[Any]:
        held: Mapping[str, Any] = {}
        try:
            with honest(self, only) as begun:
                held = begun.changed
                yield begun
        except BaseException:
            self.ids.update(held)
            raise

    patch.setattr(AuditedProjections, "transaction", transaction)


ALL = (
    Sabotage("the projector drops 1 in 100", "cdc", ("lost", "divergence", "differences"), drops_one_in_a_hundred),
    Sabotage("the relay unmarks first", "outbox", ("unexplained",), unmarks_before_the_acknowledgement),
    Sabotage("the cursor is saved before the rows", "cdc", ("lost", "divergence"), saves_the_cursor_before_the_rows),
    Sabotage("heal reads inconsistently", "cdc", ("lost", "divergence"), heals_from_an_inconsistent_read),
    Sabotage("reconcile skips a shard", "cdc", ("lost", "divergence"), reconcile_skips_a_shard),
    Sabotage("the store loses a conflict", "cdc", ("broken_promises", "oversold"), the_store_loses_a_conflict),
    Sabotage("a mail is marked before it is sent", "cdc", ("mails_missing",), marks_a_mail_before_it_is_sent),
    Sabotage("a duplicate is applied", "cdc", ("applied_twice",), applies_what_is_behind_the_cursor),
    Sabotage("redrive does nothing", "cdc", ("lost", "divergence"), redrive_does_nothing),
    Sabotage("poison is passed over", "cdc", ("lost", "divergence"), goes_on_behind_a_poisoned_event),
    Sabotage("orders are not marked", "outbox", ("unexplained",), marks_only_the_first_event_of_an_append),
    Sabotage("a commit is torn", "cdc", ("torn_stored",), tears_a_commit),
    Sabotage("a commit is told and not written", "cdc", ("broken_promises",), acknowledges_what_it_did_not_write),
    Sabotage("a mail is not asked for", "cdc", ("mails_missing",), asks_for_no_mail_about_payments),
    Sabotage("the feed loses records", "cdc", ("unexplained",), the_feed_loses_records),
    Sabotage("the row stays behind its cursor", "outbox", ("divergence", "differences"), saves_the_row_of_before),
    Sabotage("reconcile repairs nothing", "dual-write", ("lost", "divergence"), repairs_nothing),
    Sabotage("a transaction that failed is saved", "outbox", ("applied_twice", "lost"), commits_rows_that_a_crash_cut),
)
