"""The consumer rule (`doorbell` in `docs/delivery.md`): one transaction a batch, and a faulty event stops its own stream only."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from core.delivery.stream_batch import Fold, MailsOf, StreamBatch, no_mails
from core.ports.environment import Environment
from core.ports.event_feed import Delivery, Doorbell, Unreadable
from core.ports.event_store import EventStore
from core.ports.generations import Generation
from core.ports.projection_store import (
    Change,
    Parked,
    ProjectionStore,
    ProjectionTransaction,
    ProjectionUnavailable,
    RowRefused,
)

Doorbells = dict[str, list[Doorbell]]

_log = logging.getLogger("ecshop.delivery")


class UnknownFolds(ProjectionUnavailable):
    """A generation is filled by folds that this code does not have; a newer one must deal with the batch, so it is not acknowledged."""


class Consumer:
    """Applies deliveries to each generation of a projection store.

    `counts` says how often each `Note` was made of the first of them, which is the one that people read, and `unreadable` records met.
    """

    def __init__(
        self,
        store: EventStore,
        projections: ProjectionStore,
        folds: Mapping[int, Fold],
        environment: Environment,
        mails_of: MailsOf = no_mails,
    ) -> None:
        """Work on these; `folds` says what a row is, by the version that a generation names; `mails_of`, what an event asks for."""
        self._store = store
        self._projections = projections
        self._folds = folds
        self._environment = environment
        self._mails_of = mails_of
        self.counts: Counter[str] = Counter()

    def handle(self, deliveries: Sequence[Delivery], only: int | None = None) -> None:
        """Deal with a batch, whatever is in it: when this returns, all of it may be acknowledged. `only` names the generation to write.

        Raises:
            UnknownFolds: a generation needs newer code.
            ProjectionUnavailable, StoreUnavailable: nothing of the batch, or a part of its streams, was saved. Hand it in again.
        """
        doorbells: Doorbells = {}
        for delivery in deliveries:
            if isinstance(delivery, Doorbell):
                doorbells.setdefault(delivery.stream, []).append(delivery)
        unreadable = [delivery for delivery in deliveries if isinstance(delivery, Unreadable)]
        try:
            self._transact(doorbells, unreadable, only)
        except RowRefused:
            self._isolate(doorbells, unreadable, only)

    def redrive(self, stream: str) -> Parked | None:
        """Apply what a parked stream waits for, from its cursor to the store's head, in each generation; give what the first is parked on.

        Raises:
            ProjectionUnavailable, StoreUnavailable: nothing was saved. Try again.
        """
        first, *_ = [self._redrive(stream, number) for number in self._numbers(None)]
        return first

    def refold(self, stream: str, only: int | None = None) -> None:
        """Make a stream's row anew from all its events, as a deep repair does.

        Raises:
            ProjectionUnavailable, StoreUnavailable: nothing was saved. Try again.
        """
        for number in self._numbers(only):
            with self._transaction(number) as transaction:
                batches = self._begin(transaction, [stream])
                transaction.save({number: [batch.refold(batch.cursor.version) for batch in batches[number]]})
            self._tell(batches)

    def _numbers(self, only: int | None) -> list[int]:
        with self._projections.transaction(only) as transaction:
            return [generation.number for generation in transaction.generations]

    def _transact(self, doorbells: Doorbells, unreadable: Sequence[Unreadable], only: int | None) -> None:
        with self._transaction(only) as transaction:
            for record in unreadable:
                transaction.note_unreadable(record.position, record.reason)
            batches = self._begin(transaction, list(doorbells))
            transaction.save({number: _changes(of_generation, doorbells) for number, of_generation in batches.items()})
        if unreadable:
            self.counts["unreadable"] += len(unreadable)
        self._tell(batches)

    @contextmanager
    def _transaction(self, only: int | None) -> Iterator[ProjectionTransaction]:
        with self._projections.transaction(only) as transaction:
            yield transaction
            self._environment.failpoint("consumer.before_effect")

    def _begin(self, transaction: ProjectionTransaction, streams: Sequence[str]) -> dict[int, list[StreamBatch]]:
        folds = {generation.number: known_fold(self._folds, generation) for generation in transaction.generations}
        return {
            number: [
                StreamBatch(self._store, folds[number], self._mails_of, stream, *standings[stream])
                for stream in streams
            ]
            for number, standings in transaction.lock(streams).items()
        }

    def _tell(self, batches: Mapping[int, Sequence[StreamBatch]]) -> None:
        """Count what was done, and raise the alarm for what should not have happened."""
        for batch in batches[min(batches)] if batches else ():
            self.counts.update(batch.notes)
        for batch in (batch for of_generation in batches.values() for batch in of_generation):
            for alarm in batch.alarms:
                _log.warning(alarm)

    def _isolate(self, doorbells: Doorbells, unreadable: Sequence[Unreadable], only: int | None) -> None:
        """Find the stream whose row was refused, in which generation, and in it the event: batch, then stream, then event."""
        if unreadable:
            self._transact({}, unreadable, only)
        for number in self._numbers(only):
            for stream, of_stream in doorbells.items():
                try:
                    self._transact({stream: of_stream}, (), number)
                except RowRefused:
                    self._one_by_one(stream, max(doorbell.version for doorbell in of_stream), number)

    def _one_by_one(self, stream: str, newest: int, number: int) -> Parked | None:
        """Apply one event a transaction up to the store's head, and park the stream at the one whose row is refused."""
        while True:
            try:
                change, ended = self._step(stream, newest, number, None)
            except RowRefused as error:
                change, ended = self._step(stream, newest, number, error)
            if ended:
                return change.parked

    def _step(self, stream: str, newest: int, number: int, refused: RowRefused | None) -> tuple[Change, bool]:
        with self._transaction(number) as transaction:
            batches = self._begin(transaction, [stream])
            (batch,) = batches[number]
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
            transaction.save({number: [change]})
        self._tell(batches)
        return change, ended

    def _redrive(self, stream: str, number: int) -> Parked | None:
        try:
            with self._transaction(number) as transaction:
                batches = self._begin(transaction, [stream])
                (batch,) = batches[number]
                if batch.parked is None:
                    return None
                change = batch.catch_up(batch.parked.newest)
                transaction.save({number: [change]})
        except RowRefused:
            return self._one_by_one(stream, 0, number)
        self._tell(batches)
        return change.parked


def known_fold(folds: Mapping[int, Fold], generation: Generation) -> Fold:
    """Give the fold of this version.

    Raises:
        UnknownFolds: this code does not have it.
    """
    if generation.folds not in folds:
        raise UnknownFolds(
            f"generation {generation.number} needs folds {generation.folds}; this code has {sorted(folds)}"
        )
    return folds[generation.folds]


def _changes(batches: Sequence[StreamBatch], doorbells: Doorbells) -> list[Change]:
    return [change for batch in batches if (change := batch.deal_with(doorbells[batch.stream]))]
