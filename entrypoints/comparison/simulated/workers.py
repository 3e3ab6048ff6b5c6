"""The processes behind the rows and the mails of one cell, each made anew when it starts, so that its memory dies with it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol

from core.delivery.consumer import Consumer
from core.delivery.deep_look import DeepLook
from core.delivery.notify import Sender
from core.delivery.order_messages import OrderMessages
from core.delivery.projector import Projector
from core.delivery.reconcile import Reconcile
from core.delivery.relay import Relay
from core.delivery.stream_batch import Fold, MailsOf, no_mails
from core.delivery.upkeep import Upkeep
from core.ports.environment import Environment
from core.ports.events import RecordedEvent
from core.projections.mails import NOTIFIER, mails_of
from core.projections.rows import FOLDS, READ_MODELS, RowFold, no_row
from entrypoints.comparison.audit import audited_fold
from entrypoints.comparison.consumers import CursorConsumer, Naive, upsert
from entrypoints.comparison.simulated.cell import PROJECTORS, Cell
from entrypoints.comparison.simulated.fold_bug import FoldBug
from entrypoints.comparison.simulated.outages import AwayNowAndThen

MAILS_OF: Mapping[str, MailsOf] = {READ_MODELS: no_mails, NOTIFIER: mails_of}

LOOKS_EVERY = timedelta(seconds=10)
"""A simulated run is over in less than the five minutes of the shop's own schedule."""

LAG_WINDOW = 2.0
"""Seconds between the two looks of reconcile."""


class Worker(Protocol):
    """What goes on until it is told to stop."""

    def run(self, stopping: Callable[[], bool]) -> None:
        """Go on."""


class Workers:
    """Makes the workers of a cell. `refolds` counts the streams that all of them, dead or alive, made anew."""

    def __init__(self, cell: Cell) -> None:
        """Work on this cell."""
        self.bug = FoldBug(cell.strikes)
        self._cell = cell
        self._consumers: list[Consumer] = []
        self._folds: Mapping[str, Fold] = {READ_MODELS: RowFold(cell.adapters.codec), NOTIFIER: no_row}

    @property
    def refolds(self) -> int:
        """How many streams were made anew."""
        return sum(consumer.counts["refolded"] for consumer in self._consumers)

    def all(self) -> dict[str, Callable[[], Worker]]:
        """Give what makes each worker, by its name."""
        workers: dict[str, Callable[[], Worker]] = {
            READ_MODELS: lambda: self.projector(READ_MODELS),
            NOTIFIER: lambda: self.projector(NOTIFIER),
        }
        if self._cell.consumer != "naive":
            workers["sender"] = self.sender
        if self._cell.design == "outbox":
            workers["relay"] = self.relay
        if self._cell.consumer == "doorbell+reconcile":
            workers |= {f"reconcile {name}": self._looking_after(name) for name in PROJECTORS}
        return workers

    def _looking_after(self, name: str) -> Callable[[], Worker]:
        return lambda: Upkeep(name, self.reconcile(name), self._cell.environment(f"reconcile {name}"), LOOKS_EVERY)

    def projector(self, name: str) -> Any:  # noqa: ANN401 - one of two kinds, each with `run` and `step`
        """Make what reads the feed and applies it."""
        environment = self._cell.environment(name)
        feed = self._cell.stepped("feed", self._cell.feeds[name])
        if self._cell.consumer != "naive":
            return Projector(feed, self.handler(name), environment)
        if name == NOTIFIER:
            return Naive(feed, self._mail_at_once(environment), environment)
        return Naive(feed, upsert(self._projections(name), self._fold(name), environment), environment)

    def _mail_at_once(self, environment: Environment) -> Callable[[RecordedEvent], None]:
        def apply(event: RecordedEvent) -> None:
            for new in mails_of(event):
                environment.failpoint("consumer.before_effect")
                self._cell.mailed_at_once.append(new.event_id)

        return apply

    def _projections(self, name: str) -> Any:  # noqa: ANN401 - a port behind two others of its kind
        return self._cell.stepped("projections", AwayNowAndThen(self._cell.audits[name], self._cell.outages))

    def _fold(self, name: str) -> Fold:
        return audited_fold(self.bug.within(name, self._folds[name]))  # type: ignore[no-any-return]

    def handler(self, name: str) -> Any:  # noqa: ANN401 - either has `handle`
        """Make what applies a batch."""
        environment, folds = self._cell.environment(name), {FOLDS: self._fold(name)}
        if self._cell.consumer == "cursor":
            return CursorConsumer(self._projections(name), folds, environment, MAILS_OF[name])
        consumer = Consumer(self._store(), self._projections(name), folds, environment, MAILS_OF[name])
        self._consumers.append(consumer)
        return consumer

    def _store(self) -> Any:  # noqa: ANN401
        return self._cell.stepped("store", self._cell.adapters.events)

    def sender(self) -> Sender:
        """Make the one who sends mails."""
        queue = self._cell.stepped("mails", AwayNowAndThen(self._cell.adapters.mail_queue, self._cell.outages))
        messages = OrderMessages(self._store(), self._cell.adapters.codec)
        environment = self._cell.environment("sender")
        return Sender(
            queue,
            messages,
            self._cell.stepped("mailer", self._cell.adapters.mailer),
            environment,
            max_age=timedelta(days=1),
        )

    def relay(self) -> Relay:
        """Make the relay."""
        cell = self._cell
        return Relay(
            cell.stepped("outbox", cell.adapters.outbox), cell.publisher(cell.adapters.keyed), cell.environment("relay")
        )

    def reconcile(self, name: str) -> Reconcile:
        """Make what compares a projector with the store."""
        adapters = self._cell.adapters
        mails = None if name == READ_MODELS else adapters.mail_queue
        folds = {FOLDS: self._folds[name]}
        deep = DeepLook(adapters.events, adapters.projections[name], folds, mails, MAILS_OF[name])
        projections, environment = self._projections(name), self._cell.environment(name)
        return Reconcile(self._store(), projections, self.handler(name), deep, environment, LAG_WINDOW)
