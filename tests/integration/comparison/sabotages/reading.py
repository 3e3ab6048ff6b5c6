"""Ways to break what applies events: consumer, folds, reconcile."""

# ruff: noqa: ANN401 - a sabotage takes what the code it replaces is given

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from adapters.inmemory.event_store import InMemoryEventStore
from core.delivery.consumer import Consumer
from core.delivery.projector import Projector
from core.delivery.reconcile import Reconcile
from core.delivery.stream_batch import StreamBatch
from core.domain.order import Order
from core.ports.event_store import Head
from core.ports.events import RecordedEvent
from core.ports.projection_store import Change, Parked
from core.projections.rows import RowFold
from entrypoints.comparison.audit import AuditedProjections


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


def shows_no_total(patch: pytest.MonkeyPatch) -> None:
    """The fold of an order forgets what it costs."""
    honest = RowFold.__call__

    def fold(self: RowFold, state: Any, recorded: RecordedEvent) -> Any:
        row = honest(self, state, recorded)
        if isinstance(row, Order):
            row.total = 0
        return row

    patch.setattr(RowFold, "__call__", fold)


def acknowledges_before_it_commits(patch: pytest.MonkeyPatch) -> None:
    """A batch is acknowledged, then applied: a crash between the two loses it."""

    def step(self: Any, timeout: float = 0.0, most: int | None = None) -> int:
        deliveries = self.feed.poll(most or 500, timeout)
        if deliveries:
            self.feed.acknowledge(deliveries)
            self._environment.failpoint("consumer.before_checkpoint")
            self.consumer.handle(deliveries)
        return len(deliveries)

    patch.setattr(Projector, "step", step)


def drops_what_is_ahead_of_a_gap(patch: pytest.MonkeyPatch) -> None:
    """A doorbell that does not follow the cursor is dropped instead of healed."""
    honest = StreamBatch.deal_with

    def deal_with(self: StreamBatch, doorbells: Sequence[Any]) -> Change | None:
        known = [each for each in doorbells if each.version <= self.cursor.version + 1]
        return honest(self, known) if known else None

    patch.setattr(StreamBatch, "deal_with", deal_with)
