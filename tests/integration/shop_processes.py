"""The real shop as a simulator owns it: two command processes, two projectors and a sender of mails, with a clock and crashes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

from adapters.system.locks import KeyedLocks
from core.application.commands import Commands
from core.application.executor import Executor
from core.application.kept import KeptStates
from core.application.repository import Repository
from core.delivery.consumer import Consumer
from core.delivery.notify import LEASE, Sender
from core.delivery.order_messages import OrderMessages
from core.delivery.projector import Projector
from core.domain.aggregate import Aggregate
from core.ports.environment import Environment
from core.ports.event_feed import Doorbell
from core.projections.mails import mails_of
from core.projections.rows import FOLDS, STATES, no_row
from tests.contract.harness import Failpoints
from tests.integration.shop_adapters import CODEC, Blessed, MemoryAdapters, OpenAdapters
from tests.integration.shop_troubles import BrokenFold, MailServer
from tests.support.commits import AT, adding

PATIENCE = 2_000
"""Polls after which rows that are still behind count as lost."""

NEVER_TOO_OLD = timedelta(days=36_500)
"""Time goes in leaps here; that a mail gets too old is for the sender's own tests."""


class ShopUnderTest:
    """What outlives a process: the stores, the feeds' positions, the clock. And the processes, which are made anew after a crash."""

    def __init__(self, seed: int, open_adapters: OpenAdapters = MemoryAdapters) -> None:
        """Start empty; the seed is the feeds' mood."""
        self.now: datetime = AT
        self.failpoints = Failpoints()
        self.fold = BrokenFold()
        self.mail_server = MailServer()
        self._ids = count(1)
        self.adapters = open_adapters(self._environment(), self.failpoints, Random(seed))
        self.store, self.projections, self.queries = (
            self.adapters.store,
            self.adapters.projections,
            self.adapters.queries,
        )
        self.processes = [self._process(0), self._process(1)]
        self.consumer, self.projector = self._projector()
        self.notifier, self.notifying = self._notifier()
        self.sender = self._sender()

    def _environment(self) -> Environment:
        """Give the world as one process sees it: its locks are its own, time and crash points are everybody's."""
        return Environment(
            now=lambda: self.now,
            monotonic=self._monotonic,
            new_id=lambda: str(UUID(int=next(self._ids))),
            sleep=lambda _seconds: None,
            jitter=float,
            locked=KeyedLocks().locked,
            wait=lambda ready, _seconds: ready(),
            wake=lambda: None,
            failpoint=self.failpoints,
        )

    def _monotonic(self) -> float:
        return (self.now - AT).total_seconds()

    def _process(self, number: int) -> Commands:
        environment = self._environment()
        kept = KeptStates((1_000, 4)[number])  # one has room for everything, one keeps forgetting
        repository = Repository(self.store, CODEC, environment, snapshots=self.adapters.snapshots, kept=kept)
        return Commands(Executor(self.store, repository, self.queries, CODEC, environment))

    def _projector(self) -> tuple[Consumer, Projector]:
        environment = self._environment()
        consumer = Consumer(self.store, self.projections, {FOLDS: self.fold}, environment)
        return consumer, Projector(self.adapters.feed("read-models"), consumer, environment, batch=4)

    def _notifier(self) -> tuple[Consumer, Projector]:
        environment = self._environment()
        consumer = Consumer(self.store, self.adapters.notified, {FOLDS: no_row}, environment, mails_of)
        return consumer, Projector(self.adapters.feed("notifier"), consumer, environment, batch=4)

    def _sender(self) -> Sender:
        messages = OrderMessages(self.store, CODEC)
        return Sender(self.adapters.mails, messages, self.mail_server, self._environment(), max_age=NEVER_TOO_OLD)

    def restart(self, number: int) -> None:
        """Throw a command process's memory away."""
        self.processes[number] = self._process(number)

    def restart_projectors(self) -> None:
        """Throw the projectors' memory away; what they had not acknowledged comes again."""
        self.consumer, self.projector = self._projector()
        self.notifier, self.notifying = self._notifier()

    def restart_sender(self) -> None:
        """Throw the sender's memory away."""
        self.sender = self._sender()

    def pass_time(self, seconds: int) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def arm(self, failpoint: str, *what: Callable[[], None]) -> None:
        """Have these happen at the failpoint, one each time it is passed."""
        self.failpoints.armed[failpoint] = list(what)

    def disarm(self) -> None:
        """Have nothing happen any more."""
        self.failpoints.armed.clear()
        self.adapters.heal()

    def bless(self, stream: str) -> None:
        """Have tomorrow's code write an event that today's does not know."""
        self.store.commit(adding(Blessed(), to=stream, at_version=self.heads()[stream]))

    def haunt(self, stream: str) -> None:
        """Have the projector hear of an event that no store has, beyond the stream's head."""
        version = self.heads()[stream] + 2
        ghost = next(self.store.read(stream))._replace(id=str(UUID(int=next(self._ids))), version=version)
        for consumer in (self.consumer, self.notifier):
            consumer.handle([Doorbell(stream, version, ghost, "none")])

    def heads(self) -> dict[str, int]:
        """Give the newest version of every stream."""
        return {head.stream: head.version for head in self.store.heads()}

    def written(self) -> int:
        """Count the events ever committed."""
        return sum(self.heads().values())

    def folded(self, stream: str) -> Aggregate:
        """Fold a stream's events without the code under test, and look at their versions on the way."""
        events = list(self.store.read(stream))
        assert [event.version for event in events] == list(range(1, len(events) + 1))
        state = STATES[events[0].aggregate_type]()
        for event in events:
            state.evolve(CODEC.decode_event(event))
        return state

    def drain(self) -> None:
        """Mend the fold, redrive what is parked, and have the projectors work until they are up with the store."""
        self.fold.mend()
        for parked in self.projections.parked_streams():
            assert self.consumer.redrive(parked.stream) is None
        for _ in range(PATIENCE):
            # Not only until they are up: what comes again after that must change nothing.
            if self.projector.step() + self.notifying.step() == 0 and self.caught_up():
                return
        raise AssertionError(f"never projected: {self.behind()}")

    def send_mails(self) -> None:
        """Wait for what crashed senders had leased, and send everything."""
        self.pass_time(int(LEASE.total_seconds()))
        while self.sender.step():
            self.pass_time(1)

    def caught_up(self) -> bool:
        """Tell whether every event is projected."""
        return not self.behind() and not self.not_notified()

    def behind(self) -> dict[str, int]:
        """Give the streams with events that are not projected, each with its head."""
        heads = self.heads()
        progress = self.queries.progress(heads)
        return {stream: version for stream, version in heads.items() if progress[stream].version != version}

    def not_notified(self) -> dict[str, int]:
        """Give the streams with events that were not looked at for mails, each with its head."""
        heads = self.heads()
        standings = self.adapters.notified.standings(heads)
        return {
            stream: version
            for stream, version in heads.items()
            if stream not in standings or standings[stream].cursor.version != version
        }
