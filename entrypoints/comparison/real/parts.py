"""The shop's own parts, put together for one process of a real run as `ecshop` puts them together for one of its own."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from config.real_comparison import open_adapters, real_environment
from config.settings import Settings
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
from core.ports.environment import Environment
from core.projections.mails import NOTIFIER, mails_of
from core.projections.rows import FOLDS, READ_MODELS, RowFold, no_row
from entrypoints.comparison.audit import audited_fold
from entrypoints.comparison.consumers import CursorConsumer, Naive, upsert
from entrypoints.comparison.designs import EventByEvent
from entrypoints.comparison.real.at_once import mailed_at_once
from entrypoints.comparison.real.damage import Counted, NotedStore, Troubles, UnluckyPublisher, with_bug
from entrypoints.comparison.real.job import PROJECTORS, Job
from entrypoints.comparison.real.journal import Journal
from entrypoints.comparison.real.noted_feed import NotedFeed
from entrypoints.comparison.real.watched import NotedConsumer, StoredAudit

MAILS_OF: Mapping[str, MailsOf] = {READ_MODELS: no_mails, NOTIFIER: mails_of}

BUDGET = 2.0
"""Seconds that a command goes on losing races."""

LAG_WINDOW = 2.0
"""Seconds between the two looks of reconcile."""


class Parts:
    """Opens adapters for one process, and makes its parts on them."""

    def __init__(self, job: Job, settings: Settings, journal: Journal) -> None:
        """Open what the settings name."""
        self.job = job
        self.troubles = Troubles(job, journal)
        self.environment: Environment = real_environment(self.troubles.failpoint)
        self.adapters = open_adapters(settings, self.environment)
        self._journal = journal
        self._row_fold = RowFold(self.adapters.codec)

    def close(self) -> None:
        """Give leases, partitions and connections back."""
        self.adapters.close()

    def counted(self, name: str, port: object) -> Any:  # noqa: ANN401 - whatever port it is
        """Have each call of a port noted."""
        return Counted(name, port, self._journal)

    def publisher(self, *, keyed: bool) -> Any:  # noqa: ANN401 - a publisher, counted
        """Give a way into the broker."""
        return self.counted("broker", UnluckyPublisher(lambda: self.adapters.publisher(keyed), self.troubles))

    def commands(self) -> tuple[Commands, NotedStore]:
        """Make the write side, and what notes its commits."""
        adapters, environment = self.adapters, self.environment
        store = self.counted("store", adapters.events)
        if self.job.by_the_application:
            first = self.job.design == "publish-first"
            publisher = self.publisher(keyed=False)
            strike = self.troubles.strike
            store = EventByEvent(store, publisher, adapters.record, environment, strike, publish_first=first)
        noted = NotedStore(store, self._journal)
        store_as_noted: Any = noted
        repository = Repository(
            store_as_noted,
            adapters.codec,
            environment,
            snapshots=self.counted("snapshots", adapters.snapshots),
            kept=KeptStates(),
        )
        queries = self.counted("queries", adapters.queries)
        return Commands(Executor(store_as_noted, repository, queries, adapters.codec, environment, BUDGET)), noted

    def feed(self, name: str) -> NotedFeed:
        """Open a projector's feed."""
        return NotedFeed(name, self.counted("feed", self.adapters.feed(name)), self._journal, self.troubles)

    def projections(self, name: str) -> Any:  # noqa: ANN401 - a projection store, audited and counted
        """Give a projector's store, which keeps what was folded in the rows' own transaction."""
        return self.counted("projections", StoredAudit(self.adapters.projections[name], self.adapters.audits[name]))

    def handler(self, name: str) -> Any:  # noqa: ANN401 - a consumer
        """Make what applies a batch."""
        folds: Mapping[int, Fold] = {FOLDS: self._fold(name)}
        projections = self.projections(name)
        if self.job.consumer == "cursor":
            return CursorConsumer(projections, folds, self.environment, MAILS_OF[name])
        store = self.counted("store", self.adapters.events)
        return NotedConsumer(Consumer(store, projections, folds, self.environment, MAILS_OF[name]), self._journal)

    def _plain_fold(self, name: str) -> Fold:
        return self._row_fold if name == READ_MODELS else no_row

    def _fold(self, name: str) -> Any:  # noqa: ANN401 - to a consumer, what is audited is just another state
        plain = self._plain_fold(name)
        return audited_fold(plain if self.job.bug_fixed else with_bug(plain, self.troubles))

    @property
    def audited(self) -> Sequence[str]:
        """The projectors that keep what they folded; a naive notifier folds nothing, it mails."""
        return PROJECTORS if self.job.consumer != "naive" else (READ_MODELS,)

    def projector(self, name: str, feed: NotedFeed) -> Any:  # noqa: ANN401 - one of two kinds, each with `run` and `step`
        """Make what reads a feed and applies it."""
        if self.job.consumer != "naive":
            return Projector(feed, self.handler(name), self.environment)
        if name == NOTIFIER:
            return Naive(
                feed, mailed_at_once(self.adapters.mailer, self.adapters.codec, self.environment), self.environment
            )
        return Naive(feed, upsert(self.projections(name), self._fold(name), self.environment), self.environment)

    def sender(self, environment: Environment | None = None) -> Sender:
        """Make the one who sends mails, by another clock where one is given."""
        queue = self.counted("mails", self.adapters.mail_queue)
        messages = OrderMessages(self.counted("store", self.adapters.events), self.adapters.codec)
        return Sender(queue, messages, self.adapters.mailer, environment or self.environment, max_age=timedelta(days=1))

    def relay(self) -> Relay:
        """Make the relay."""
        outbox = self.counted("outbox", self.adapters.outbox)
        return Relay(outbox, self.publisher(keyed=True), self.environment)

    def reconcile(self, name: str) -> Reconcile:
        """Make what compares a projector with the store."""
        store = self.counted("store", self.adapters.events)
        plain: Mapping[int, Fold] = {FOLDS: self._plain_fold(name)}
        mails = None if name == READ_MODELS else self.adapters.mail_queue
        deep = DeepLook(self.adapters.events, self.adapters.projections[name], plain, mails, MAILS_OF[name])
        return Reconcile(store, self.projections(name), self.handler(name), deep, self.environment, LAG_WINDOW)
