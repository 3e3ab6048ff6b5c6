"""One batch as one transaction: begun in each generation, counted and told about only once it is committed."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain

from core.delivery.stream_batch import Fold, MailsOf, StreamBatch
from core.ports.environment import Environment
from core.ports.event_store import EventReader
from core.ports.generations import Generation
from core.ports.projection_store import ProjectionStore, ProjectionTransaction, ProjectionUnavailable

Batches = Mapping[int, Sequence[StreamBatch]]
"""What a transaction does to each of its streams, by generation."""

_log = logging.getLogger("ecshop.delivery")


class UnknownFolds(ProjectionUnavailable):
    """A generation is filled by folds that this code does not have; a newer one must deal with the batch, so it is not acknowledged."""


class NotWritten(Exception):
    """The generation is not written any more: it was retired since it was asked for, and nobody reads it."""


class Transactions:
    """Begins the transactions of one projector. `counts` says how often each `Note` was made of the generation that people read."""

    def __init__(
        self,
        store: EventReader,
        projections: ProjectionStore,
        folds: Mapping[int, Fold],
        environment: Environment,
        mails_of: MailsOf,
    ) -> None:
        """Work on these; `folds` says what a row is, by the version that a generation names."""
        self._store = store
        self._projections = projections
        self._folds = folds
        self._environment = environment
        self._mails_of = mails_of
        self.counts: Counter[str] = Counter()

    def generations(self, only: int | None) -> list[int]:
        """Give the numbers of those that a batch begun now is for."""
        with self._projections.transaction(only) as transaction:
            return [generation.number for generation in transaction.generations]

    @contextmanager
    def begun(self, only: int | None, streams: Sequence[str]) -> Iterator[tuple[ProjectionTransaction, Batches]]:
        """Give a transaction that has these streams locked, and where each of them stands; it commits when left without an error.

        Raises:
            UnknownFolds: a generation needs newer code.
        """
        with self._projections.transaction(only) as transaction:
            folds = {each.number: known_fold(self._folds, each) for each in transaction.generations}
            batches = {
                number: [
                    StreamBatch(self._store, folds[number], self._mails_of, stream, *standings[stream])
                    for stream in streams
                ]
                for number, standings in transaction.lock(streams).items()
            }
            yield transaction, batches
            self._environment.failpoint("consumer.before_effect")
        self._tell(batches)

    @contextmanager
    def begun_alone(self, generation: int, stream: str) -> Iterator[tuple[ProjectionTransaction, StreamBatch]]:
        """Give a transaction for one stream of one generation.

        Raises:
            NotWritten: the generation has been retired meanwhile, so there is nothing to do.
            UnknownFolds: the generation needs newer code.
        """
        with self.begun(generation, [stream]) as (transaction, batches):
            if generation not in batches:
                raise NotWritten
            (batch,) = batches[generation]
            yield transaction, batch

    def _tell(self, batches: Batches) -> None:
        """Count what was done, and raise the alarm for what should not have happened."""
        read = batches[min(batches)] if batches else ()
        self.counts.update(chain.from_iterable([batch.notes for batch in read]))
        for batch in (batch for of_generation in batches.values() for batch in of_generation):
            for alarm in batch.alarms:
                _log.warning(alarm)


def known_fold(folds: Mapping[int, Fold], generation: Generation) -> Fold:
    """Give the fold that fills a generation.

    Raises:
        UnknownFolds: this code does not have it.
    """
    if generation.folds not in folds:
        raise UnknownFolds(
            f"generation {generation.number} needs folds {generation.folds}; this code has {sorted(folds)}"
        )
    return folds[generation.folds]
