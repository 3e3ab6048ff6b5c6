"""The consumer rule (`doorbell` in `docs/delivery.md`): one transaction a batch, and a faulty event stops its own stream only."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from core.delivery.isolation import Isolation
from core.delivery.stream_batch import Fold, MailsOf, StreamBatch, no_mails
from core.delivery.transactions import NotWritten, Transactions
from core.ports.environment import Environment
from core.ports.event_feed import Delivery, Doorbell, Unreadable
from core.ports.event_store import EventReader
from core.ports.projection_store import Change, Cursor, Parked, ProjectionStore, RowRefused

Doorbells = dict[str, list[Doorbell]]


class Consumer:
    """Applies deliveries to each generation of a projection store."""

    def __init__(
        self,
        store: EventReader,
        projections: ProjectionStore,
        folds: Mapping[int, Fold],
        environment: Environment,
        mails_of: MailsOf = no_mails,
    ) -> None:
        """Work on these; `folds` says what a row is, by the version that a generation names; `mails_of`, what an event asks for."""
        self._transactions = Transactions(store, projections, folds, environment, mails_of)
        self._isolation = Isolation(self._transactions)

    @property
    def counts(self) -> Counter[str]:
        """How often each `Note` was made of the generation that people read, and how many `unreadable` records were met."""
        return self._transactions.counts

    def handle(self, deliveries: Sequence[Delivery], only: int | None = None) -> None:
        """Deal with a batch, whatever is in it: when this returns, all of it may be acknowledged. `only` names the generation to write.

        Raises:
            UnknownFolds: a generation needs newer code.
            ProjectionUnavailable, StoreUnavailable: nothing of the batch, or a part of its streams, was saved. Hand it in again.
        """
        doorbells, unreadable = defaultdict[str, list[Doorbell]](list), list[Unreadable]()
        for delivery in deliveries:
            if isinstance(delivery, Doorbell):
                doorbells[delivery.stream].append(delivery)
            else:
                unreadable.append(delivery)
        try:
            self._transact(doorbells, unreadable, only)
        except RowRefused:
            self._isolate(doorbells, unreadable, only)

    def redrive(self, stream: str) -> Parked | None:
        """Apply what a parked stream waits for, up to the store's head, in each generation; give what it is parked on where people read.

        Raises:
            ProjectionUnavailable, StoreUnavailable: try again.
        """
        read, *_ = [self._redrive(stream, number) for number in self._transactions.generations(None)]
        return read

    def refold(self, stream: str, only: int | None = None) -> None:
        """Make a stream's row anew from all its events, as a deep repair does.

        Raises:
            ProjectionUnavailable, StoreUnavailable: try again.
        """
        for number in self._transactions.generations(only):
            try:
                with self._transactions.begun_alone(number, stream) as (transaction, batch):
                    transaction.save({number: [batch.refold(batch.cursor.version)]})
            except NotWritten:
                continue
            except RowRefused:
                self._start_over(stream, number)

    def _transact(self, doorbells: Doorbells, unreadable: Sequence[Unreadable], only: int | None) -> None:
        with self._transactions.begun(only, list(doorbells)) as (transaction, batches):
            for record in unreadable:
                transaction.note_unreadable(record.position, record.reason)
            transaction.save({number: _changes(of_generation, doorbells) for number, of_generation in batches.items()})
        if unreadable:
            self.counts["unreadable"] += len(unreadable)

    def _isolate(self, doorbells: Doorbells, unreadable: Sequence[Unreadable], only: int | None) -> None:
        """Find the stream whose row was refused, in which generation, and in it the event: batch, then stream, then event."""
        if unreadable:
            self._transact({}, unreadable, only)
        for number in self._transactions.generations(only):
            for stream, of_stream in doorbells.items():
                try:
                    self._transact({stream: of_stream}, (), number)
                except RowRefused:
                    self._isolation.apply(stream, max(doorbell.version for doorbell in of_stream), number)

    def _start_over(self, stream: str, generation: int) -> None:
        """Apply a stream event by event from its first on: one of them is at fault, wherever the cursor has come to."""
        try:
            with self._transactions.begun_alone(generation, stream) as (transaction, batch):
                transaction.save({generation: [Change(stream, batch.cursor, Cursor(), None, batch.parked)]})
        except NotWritten:
            return
        self._isolation.apply(stream, batch.cursor.version, generation)

    def _redrive(self, stream: str, generation: int) -> Parked | None:
        try:
            with self._transactions.begun_alone(generation, stream) as (transaction, batch):
                if batch.parked is None:
                    return None
                change = batch.catch_up(batch.parked.newest)
                transaction.save({generation: [change]})
        except NotWritten:
            return None
        except RowRefused:
            return self._isolation.apply(stream, 0, generation)
        return change.parked


def _changes(batches: Sequence[StreamBatch], doorbells: Doorbells) -> list[Change]:
    return [change for batch in batches if (change := batch.deal_with(doorbells[batch.stream]))]
