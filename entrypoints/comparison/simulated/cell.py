"""One design with one consumer: its stores, its processes, and what is done to them when a run ends."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol

from config.simulation import open_adapters
from core.application.commands import Commands
from core.application.executor import Executor
from core.application.kept import KeptStates
from core.application.repository import Repository
from core.delivery.consumer import Consumer
from core.delivery.deep_look import DeepLook
from core.delivery.notify import Sender
from core.delivery.order_messages import OrderMessages
from core.delivery.projector import Projector
from core.delivery.reconcile import Reconcile
from core.delivery.relay import Relay
from core.delivery.stream_batch import Fold, MailsOf, no_mails
from core.domain.aggregate import Aggregate
from core.ports.commit import Commit
from core.ports.environment import Environment
from core.ports.events import RecordedEvent
from core.ports.queries import QueriesUnavailable
from core.projections.mails import NOTIFIER, mails_of
from core.projections.rows import FOLDS, READ_MODELS, RowFold, no_row
from entrypoints.comparison.audit import AuditedProjections, audited_fold
from entrypoints.comparison.consumers import CursorConsumer, Naive, upsert
from entrypoints.comparison.designs import EventByEvent
from entrypoints.comparison.faults import Faults
from entrypoints.comparison.simulated.feed import FaultyFeed
from entrypoints.comparison.simulated.mailbox import Mailbox
from entrypoints.comparison.simulated.outages import AwayNowAndThen, Outages
from entrypoints.comparison.simulated.publisher import FaultyPublisher
from entrypoints.comparison.simulated.scheduler import Scheduler
from entrypoints.comparison.simulated.steps import Stepped
from entrypoints.comparison.simulated.stores import DoubtfulStore, NotedStore
from entrypoints.comparison.simulated.upkeep import Upkeep
from entrypoints.comparison.words import named

PROJECTORS = (READ_MODELS, NOTIFIER)
MAILS_OF: Mapping[str, MailsOf] = {READ_MODELS: no_mails, NOTIFIER: mails_of}

LAG_WINDOW = 2.0
"""Seconds between the two looks of reconcile."""

BUDGET = 2.0
"""Seconds that a command goes on losing races."""


class Worker(Protocol):
    """What goes on until it is told to stop."""

    def run(self, stopping: Callable[[], bool]) -> None:
        """Go on."""


class Cell:
    """Stands on adapters that outlive every process; what makes a process is made anew with it, so its memory dies with it."""

    def __init__(self, design: str, consumer: str, scheduler: Scheduler, faults: Faults) -> None:
        """Open everything empty."""
        self.design, self.consumer = design, consumer
        self.requests: Counter[str] = Counter()
        self.outages = Outages(scheduler)
        self.mailbox = Mailbox()
        self.visible_at: dict[str, float] = {}
        self.counts: Counter[str] = Counter()
        self.bug_fixed = False
        self.tell: Callable[[str, str], object] = lambda _who, _what: None
        self._scheduler = scheduler
        self._faults = faults
        self._buggy: dict[str, bool] = {}
        self._stores = scheduler.environment("stores", self._failpoint)
        self.adapters = open_adapters(self._stores, outbox=design == "outbox", published=design != "cdc")
        self._fold = RowFold(self.adapters.codec)
        away = "shard" if design == "cdc" else "broker"
        self.feeds = {
            name: FaultyFeed(self.adapters.feed(name), away, faults, self.outages, scheduler) for name in PROJECTORS
        }
        self.audits = {
            READ_MODELS: AuditedProjections(self.adapters.projections[READ_MODELS], self._shown),
            NOTIFIER: AuditedProjections(self.adapters.projections[NOTIFIER], lambda _stream, _ids: None),
        }

    def _failpoint(self, name: str) -> None:
        self._scheduler.step()
        if self._faults.strikes(name):
            self._scheduler.die()

    def _told(self, who: str, what: str) -> None:
        self.tell(who, what)

    def _shown(self, stream: str, ids: tuple[str, ...]) -> None:
        for event_id in ids:
            if event_id not in self.visible_at:
                self.visible_at[event_id] = self._scheduler.seconds
                self.tell("read model", f"the row of {named(stream)} has one event more")

    @property
    def by_the_application(self) -> bool:
        """Whether the application itself publishes, event by event."""
        return self.design in {"dual-write", "publish-first"}

    def stepped(self, name: str, port: object) -> Any:  # noqa: ANN401 - whatever port it is
        """Have each call of a port be a step, and counted."""
        return Stepped(name, port, self._scheduler, self.requests)

    def commands(self, process: str, handed: Callable[[Commit], None], refused: Callable[[Commit], None]) -> Commands:
        """Make the write side of one process; the two hear of each commit before it is tried, and where it is refused."""
        environment = self._scheduler.environment(process, self._failpoint)
        adapters = self.adapters
        store: Any = DoubtfulStore(self.stepped("store", adapters.events), self._faults, self._scheduler, self._told)
        if self.by_the_application:
            publisher = self.stepped("broker", self.publisher(adapters.unkeyed))
            first = self.design == "publish-first"
            store = EventByEvent(
                store, publisher, adapters.record, environment, self._faults.strikes, publish_first=first
            )
        store = NotedStore(store, handed, refused)
        queries = self.stepped("queries", AwayNowAndThen(adapters.queries, self.outages, QueriesUnavailable))
        repository = Repository(
            store,
            adapters.codec,
            environment,
            snapshots=self.stepped("snapshots", adapters.snapshots),
            kept=KeptStates(),
        )
        return Commands(Executor(store, repository, queries, adapters.codec, environment, BUDGET))

    def publisher(self, publisher: object) -> FaultyPublisher:
        """Give a way into the broker."""
        return FaultyPublisher(publisher, self._faults, self.outages, self._scheduler, self._told)  # type: ignore[arg-type]

    def workers(self) -> dict[str, Callable[[], Worker]]:
        """Give what makes each worker of this cell, by its name."""
        workers: dict[str, Callable[[], Worker]] = {
            READ_MODELS: lambda: self.projector(READ_MODELS),
            NOTIFIER: lambda: self.projector(NOTIFIER),
        }
        if self.consumer != "naive":
            workers["sender"] = self.sender
        if self.design == "outbox":
            workers["relay"] = self.relay
        if self.consumer == "doorbell+reconcile":
            workers["reconcile"] = self.upkeep
        return workers

    def projector(self, name: str) -> Any:  # noqa: ANN401 - one of three kinds, each with `run` and `step`
        """Make a projector's process: what reads the feed and applies it."""
        environment = self._scheduler.environment(name, self._failpoint)
        feed = self.stepped("feed", self.feeds[name])
        if self.consumer == "naive":
            apply = self._mail_at_once(environment) if name == NOTIFIER else self._upsert(environment)
            return Naive(feed, apply, environment)
        return Projector(feed, self.handler(name), environment)

    def _upsert(self, environment: Environment) -> Callable[[RecordedEvent], None]:
        return upsert(self.projections(READ_MODELS), self.fold(READ_MODELS), environment)

    def _mail_at_once(self, environment: Environment) -> Callable[[RecordedEvent], None]:
        def apply(event: RecordedEvent) -> None:
            for new in mails_of(event):
                self.mailbox.sent.append(new.event_id)
                environment.failpoint("consumer.before_effect")

        return apply

    def projections(self, name: str) -> Any:  # noqa: ANN401
        """Give a projector's store, as a process sees it."""
        return self.stepped("projections", AwayNowAndThen(self.audits[name], self.outages))

    def fold(self, name: str) -> Fold:
        """Give a projector's fold, which may have a bug, and which is audited."""
        fold: Fold = self._fold if name == READ_MODELS else no_row
        return audited_fold(self._with_bug(name, fold))  # type: ignore[no-any-return]

    def _with_bug(self, name: str, fold: Fold) -> Fold:
        def folded(state: Aggregate | None, event: RecordedEvent) -> Aggregate | None:
            if not self.bug_fixed:
                key = f"{name} {event.id}"
                if key not in self._buggy:
                    self._buggy[key] = self._faults.strikes("fold.bug")
                if self._buggy[key]:
                    raise ArithmeticError("a bug of the fold")
            return fold(state, event)

        return folded

    def handler(self, name: str) -> Any:  # noqa: ANN401 - either has `handle`
        """Make what applies a batch."""
        environment = self._scheduler.environment(name, self._failpoint)
        folds = {FOLDS: self.fold(name)}
        if self.consumer == "cursor":
            return CursorConsumer(self.projections(name), folds, environment, MAILS_OF[name])
        store = self.stepped("store", self.adapters.events)
        consumer = Consumer(store, self.projections(name), folds, environment, MAILS_OF[name])
        consumer._transactions.counts = self.counts  # noqa: SLF001 - the counts of all lives together
        return consumer

    def sender(self) -> Sender:
        """Make the one who sends mails."""
        environment = self._scheduler.environment("sender", self._failpoint)
        queue = self.stepped("mails", AwayNowAndThen(self.adapters.mail_queue, self.outages))
        messages = OrderMessages(self.stepped("store", self.adapters.events), self.adapters.codec)
        return Sender(queue, messages, self.mailbox, environment, max_age=timedelta(days=1))

    def relay(self) -> Relay:
        """Make the relay."""
        environment = self._scheduler.environment("relay", self._failpoint)
        publisher = self.stepped("broker", self.publisher(self.adapters.keyed))
        return Relay(self.stepped("outbox", self.adapters.outbox), publisher, environment)

    def reconcile(self, name: str) -> Reconcile:
        """Make what compares a projector with the store."""
        environment = self._scheduler.environment(name, self._failpoint)
        store, consumer = self.stepped("store", self.adapters.events), self.handler(name)
        plain = {FOLDS: self._fold if name == READ_MODELS else no_row}
        mails = None if name == READ_MODELS else self.adapters.mail_queue
        deep = DeepLook(self.adapters.events, self.adapters.projections[name], plain, mails, MAILS_OF[name])
        return Reconcile(store, self.projections(name), consumer, deep, environment, LAG_WINDOW)

    def upkeep(self) -> Worker:
        """Make what reconciles each projector now and then."""
        return Upkeep([self.reconcile(name) for name in PROJECTORS], self._scheduler)
