"""The consumer rule (`doorbell` in `docs/delivery.md`): one transaction a batch, and a faulty event stops its own stream only."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from core.delivery.stream_batch import Fold, StreamBatch
from core.ports.environment import Environment
from core.ports.event_feed import Delivery, Doorbell, Unreadable
from core.ports.event_store import EventStore
from core.ports.projection_store import Change, Parked, ProjectionStore, ProjectionTransaction, RowRefused

Doorbells = dict[str, list[Doorbell]]

_log = logging.getLogger("ecshop.delivery")


class Consumer:
    """Applies deliveries to a projection store. `counts` says how often each `Note` was made, and `unreadable` records met."""

    def __init__(self, store: EventStore, projections: ProjectionStore, fold: Fold, environment: Environment) -> None:
        """Work on these; `fold` says what a row is."""
        self._store = store
        self._projections = projections
        self._fold = fold
        self._environment = environment
        self.counts: Counter[str] = Counter()

    def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Deal with a batch, whatever is in it: when this returns, all of it may be acknowledged.

        Raises:
            ProjectionUnavailable, StoreUnavailable: nothing of the batch, or a part of its streams, was saved. Hand it in again.
        """
        doorbells: Doorbells = {}
        for delivery in deliveries:
            if isinstance(delivery, Doorbell):
                doorbells.setdefault(delivery.stream, []).append(delivery)
        unreadable = [delivery for delivery in deliveries if isinstance(delivery, Unreadable)]
        try:
            self._transact(doorbells, unreadable)
        except RowRefused:
            self._isolate(doorbells, unreadable)

    def redrive(self, stream: str) -> Parked | None:
        """Apply what a parked stream waits for, from its cursor to the store's head; give what it is parked on now, if it is.

        Raises:
            ProjectionUnavailable, StoreUnavailable: nothing was saved. Try again.
        """
        try:
            change = self._redrive(stream)
        except RowRefused:
            return self._one_by_one(stream, ())
        return change.parked if change else None

    def _transact(self, doorbells: Doorbells, unreadable: Sequence[Unreadable]) -> None:
        with self._transaction() as transaction:
            for record in unreadable:
                transaction.note_unreadable(record.position, record.reason)
            batches = self._begin(transaction, list(doorbells))
            changes = [change for batch in batches if (change := batch.deal_with(doorbells[batch.stream]))]
            transaction.save(changes)
        if unreadable:
            self.counts["unreadable"] += len(unreadable)
        self._tell(batches)

    @contextmanager
    def _transaction(self) -> Iterator[ProjectionTransaction]:
        with self._projections.transaction() as transaction:
            yield transaction
            self._environment.failpoint("consumer.before_effect")

    def _tell(self, batches: Sequence[StreamBatch]) -> None:
        """Count what was done, and raise the alarm for what should not have happened."""
        for batch in batches:
            self.counts.update(batch.notes)
            for alarm in batch.alarms:
                _log.warning(alarm)

    def _begin(self, transaction: ProjectionTransaction, streams: Sequence[str]) -> list[StreamBatch]:
        cursors, parked, rows = transaction.lock(streams), transaction.parked(streams), transaction.rows(streams)
        return [
            StreamBatch(self._store, self._fold, stream, cursors[stream], rows.get(stream), parked.get(stream))
            for stream in streams
        ]

    def _isolate(self, doorbells: Doorbells, unreadable: Sequence[Unreadable]) -> None:
        """Find the stream whose row was refused, and in it the event: batch, then stream, then event."""
        if unreadable:
            self._transact({}, unreadable)
        for stream, of_stream in doorbells.items():
            try:
                self._transact({stream: of_stream}, ())
            except RowRefused:
                self._one_by_one(stream, of_stream)

    def _one_by_one(self, stream: str, doorbells: Sequence[Doorbell]) -> Parked | None:
        """Apply one event a transaction up to the store's head, and park the stream at the one whose row is refused."""
        newest = max((doorbell.version for doorbell in doorbells), default=0)
        while True:
            try:
                change, ended = self._step(stream, newest, None)
            except RowRefused as error:
                change, ended = self._step(stream, newest, error)
            if ended:
                return change.parked

    def _step(self, stream: str, newest: int, refused: RowRefused | None) -> tuple[Change, bool]:
        with self._transaction() as transaction:
            (batch,) = self._begin(transaction, [stream])
            if refused:
                parked = batch.park(batch.cursor.version + 1, refused, newest)
                change, ended = Change(stream, batch.cursor, batch.cursor, batch.row, parked), True
            else:
                change = batch.advance(newest)
                ended = change.parked is not None or change.after == change.before
                if batch.parked and not ended:
                    # It stays parked up to the head: the doorbells of what follows were acknowledged long ago, and a crash
                    # between two steps must not leave it to them.
                    waiting = replace(batch.parked, version=change.after.version + 1, attempts=0)
                    change = replace(change, parked=waiting)
            transaction.save([change])
        self._tell([batch])
        return change, ended

    def _redrive(self, stream: str) -> Change | None:
        with self._transaction() as transaction:
            (batch,) = self._begin(transaction, [stream])
            if batch.parked is None:
                return None
            change = batch.catch_up(batch.parked.newest)
            transaction.save([change])
        self._tell([batch])
        return change
