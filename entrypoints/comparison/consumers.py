"""The consumers that the shop does not use: what one does with a record when it is not taken for a doorbell."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from core.delivery.projector import AWAY, LONGEST_PAUSE, SHORTEST_PAUSE
from core.delivery.stream_batch import Fold, MailsOf
from core.ports.environment import Environment
from core.ports.event_feed import Delivery, Doorbell, FeedUnavailable
from core.ports.events import RecordedEvent
from core.ports.projection_store import Change, Cursor, ProjectionStore, Row, Standing

TRIES = 3
"""How often an event is tried before it is dropped."""

ACKNOWLEDGES_EVERY = 2.0
"""Seconds between two acknowledgements of a naive consumer, as a client that commits its offsets by itself."""

BATCH = 100


class Session(Protocol):
    """A feed that hands out each record once as long as a process reads it."""

    def read(self, limit: int, timeout: float, seen: set[str]) -> Sequence[Delivery]:
        """Give what is not `seen` yet."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Take these as dealt with."""


Apply = Callable[[RecordedEvent], None]


class Naive:
    """Applies what comes, as the older system did. What was read is acknowledged by the clock: before or after it is applied."""

    def __init__(self, feed: Session, apply: Apply, environment: Environment) -> None:
        """Read `feed`; `apply` deals with one event."""
        self._feed = feed
        self._apply = apply
        self._environment = environment
        self._seen: set[str] = set()
        self._read: list[Delivery] = []
        self._acknowledged_at = environment.monotonic()

    def run(self, stopping: Callable[[], bool]) -> None:
        """Go on until told to stop, then acknowledge what was read."""
        while not stopping():
            try:
                self.step(1.0)
            except AWAY:
                self._environment.wait(stopping, self._environment.jitter(LONGEST_PAUSE))
        with suppress(FeedUnavailable):  # as a client that parts from its broker: what is not acknowledged comes again
            self._acknowledge()

    def step(self, timeout: float = 0.0) -> int:
        """Read, acknowledge where it is time, apply. A database that is away is an error as any other: three tries, then on."""
        deliveries = self._feed.read(BATCH, timeout, self._seen)
        self._seen.update(delivery.position for delivery in deliveries)
        self._read += deliveries
        if self._environment.monotonic() - self._acknowledged_at >= ACKNOWLEDGES_EVERY:
            with suppress(FeedUnavailable):  # what was read is applied all the same, and acknowledged with the next
                self._acknowledge()
        for delivery in deliveries:
            self._try(delivery)
        return len(deliveries)

    def _acknowledge(self) -> None:
        if self._read:
            self._environment.failpoint("consumer.before_checkpoint")
            self._feed.acknowledge(self._read)
            self._read = []
        self._acknowledged_at = self._environment.monotonic()

    def _try(self, delivery: Delivery) -> None:
        event = delivery.event if isinstance(delivery, Doorbell) else None
        if event is None:
            return  # the older system moved it to a dead-letter topic: for its rows it is gone
        for _ in range(TRIES):
            try:
                self._apply(event)
            except Exception:  # noqa: BLE001 - the older system asked no further: three tries, then on
                self._environment.sleep(self._environment.jitter(SHORTEST_PAUSE))
            else:
                return


def upsert(projections: ProjectionStore, fold: Fold, environment: Environment) -> Apply:
    """Give what folds each event into its row, whatever the row has seen."""

    def apply(event: RecordedEvent) -> None:
        with projections.transaction() as transaction:
            changes = {
                number: [_after(event, standings[event.stream], fold)]
                for number, standings in transaction.lock([event.stream]).items()
            }
            transaction.save(changes)
            environment.failpoint("consumer.before_effect")

    return apply


def _after(event: RecordedEvent, standing: Standing, fold: Fold) -> Change:
    state = fold(standing.row.state if standing.row else None, event)
    row = None if state is None else Row(event.stream, event.version, state)
    return Change(event.stream, standing.cursor, Cursor(event.version, event.id), row)


class CursorConsumer:
    """Applies an event whose version is above its stream's cursor and drops any other; it asks nobody about what lies between."""

    def __init__(
        self, projections: ProjectionStore, folds: Mapping[int, Fold], environment: Environment, mails_of: MailsOf
    ) -> None:
        """Work on these, as `core.delivery.consumer.Consumer` does."""
        self._projections = projections
        self._folds = folds
        self._environment = environment
        self._mails_of = mails_of

    def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Deal with a batch, an event a transaction; a poisoned one is tried three times and dropped.

        Raises:
            ProjectionUnavailable: hand it in again.
        """
        for delivery in deliveries:
            if isinstance(delivery, Doorbell) and delivery.event is not None:
                self._try(delivery.event)

    def _try(self, event: RecordedEvent) -> None:
        for _ in range(TRIES):
            try:
                return self._apply(event)
            except AWAY:
                raise
            except Exception:  # noqa: BLE001, S112 - whatever it raises is the event's fault
                continue
        return None

    def _apply(self, event: RecordedEvent) -> None:
        with self._projections.transaction() as transaction:
            changes: dict[int, list[Change]] = {}
            folds = {each.number: self._folds[each.folds] for each in transaction.generations}
            for number, standings in transaction.lock([event.stream]).items():
                standing = standings[event.stream]
                if event.version > standing.cursor.version:
                    change = _after(event, standing, folds[number])
                    changes[number] = [change._replace(mails=self._mails_of(event))]
            if changes:
                transaction.save(changes)
                self._environment.failpoint("consumer.before_effect")
