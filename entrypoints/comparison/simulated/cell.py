"""One design with one consumer: its stores and its transport, which outlive every process, and the processes that serve clients."""

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

from config.simulation import open_adapters
from core.application.commands import Commands
from core.application.executor import Executor
from core.application.kept import KeptStates
from core.application.repository import Repository
from core.ports.commit import Commit
from core.ports.environment import Environment
from core.ports.event_publisher import EventPublisher
from core.ports.queries import QueriesUnavailable
from core.projections.mails import NOTIFIER
from core.projections.rows import READ_MODELS
from entrypoints.comparison.audit import AuditedProjections
from entrypoints.comparison.designs import EventByEvent
from entrypoints.comparison.faults import Faults
from entrypoints.comparison.simulated.feed import FaultyFeed
from entrypoints.comparison.simulated.outages import AwayNowAndThen, Outages
from entrypoints.comparison.simulated.publisher import FaultyPublisher
from entrypoints.comparison.simulated.scheduler import Scheduler
from entrypoints.comparison.simulated.steps import Stepped
from entrypoints.comparison.simulated.stores import DoubtfulStore, NotedStore
from entrypoints.comparison.words import named
from entrypoints.comparison.workload import SHOPPER

PROJECTORS = (READ_MODELS, NOTIFIER)

BUDGET = 2.0
"""Seconds that a command goes on losing races."""

Tell = Callable[[str, str], None]
"""Who, what: a line of the timeline."""


class Cell:
    """What every process of a run stands on. `visible_at` says when each event was first in a row (seconds)."""

    def __init__(
        self,
        design: str,
        consumer: str,
        scheduler: Scheduler,
        faults: Faults,
        tell: Tell,
        variants: Collection[str] = (),
    ) -> None:
        """Open everything empty; `variants` are those of a design in which the application publishes."""
        self._variants = variants
        self.design, self.consumer = design, consumer
        self.scheduler = scheduler
        self.strikes = faults.strikes
        self.requests: Counter[str] = Counter()
        self.outages = Outages(scheduler)
        self.mailed_at_once: list[str] = []
        self.visible_at: dict[str, float] = {}
        self._faults = faults
        self._tell = tell
        self.adapters = open_adapters(self.environment("stores"), outbox=design == "outbox", published=design != "cdc")
        away = "shard" if design == "cdc" else "broker"
        self.feeds = {
            name: FaultyFeed(self.adapters.feed(name), away, faults, self.outages, scheduler) for name in PROJECTORS
        }
        self.audits = {
            READ_MODELS: AuditedProjections(self.adapters.projections[READ_MODELS], self._shown),
            NOTIFIER: AuditedProjections(self.adapters.projections[NOTIFIER], lambda _stream, _ids: None),
        }

    def environment(self, place: str) -> Environment:
        """Give what core may ask of the world in a process; its failpoints are armed."""
        return self.scheduler.environment(place, self._failpoint)

    def _failpoint(self, name: str) -> None:
        self.scheduler.step()
        if self.strikes(name):
            self.scheduler.die()

    def _shown(self, stream: str, ids: tuple[str, ...]) -> None:
        for event_id in ids:
            if event_id not in self.visible_at:
                self.visible_at[event_id] = self.scheduler.seconds
                self._tell("read model", f"the row of {named(stream)} has one event more")

    def mailed(self) -> list[str]:
        """Give the ids of the events that mails to the shopper were about; one to anybody else reaches nobody who waits for it."""
        caught = [event_id for event_id, to in self.adapters.mailer.recipients() if to == SHOPPER]
        return [*self.mailed_at_once, *reversed(caught)]

    @property
    def by_the_application(self) -> bool:
        """Whether the application itself publishes, event by event."""
        return self.design in {"dual-write", "publish-first"}

    def stepped(self, name: str, port: object) -> Any:  # noqa: ANN401 - whatever port it is
        """Have each call of a port be a step, and counted."""
        return Stepped(name, port, self.scheduler, self.requests)

    def publisher(self, publisher: EventPublisher) -> Any:  # noqa: ANN401
        """Give a way into the broker, as a process has it."""
        faulty = FaultyPublisher(publisher, self._faults, self.outages, self.scheduler, self._tell)
        return self.stepped("broker", faulty)

    def commands(self, process: str, handed: Callable[[Commit], None], refused: Callable[[Commit], None]) -> Commands:
        """Make the write side of one process; the two hear of each commit before it is tried, and where it is refused."""
        environment, adapters = self.environment(process), self.adapters
        store: Any = DoubtfulStore(self.stepped("store", adapters.events), self._faults, self.scheduler, self._tell)
        if self.by_the_application:
            store = EventByEvent(
                store,
                self.publisher(adapters.keyed if "keyed" in self._variants else adapters.unkeyed),
                adapters.record,
                environment,
                self.strikes,
                publish_first=self.design == "publish-first",
                retry="retry" in self._variants,
            )
        store = NotedStore(store, handed, refused)
        queries = self.stepped("queries", AwayNowAndThen(adapters.queries, self.outages, QueriesUnavailable))
        snapshots = self.stepped("snapshots", adapters.snapshots)
        repository = Repository(store, adapters.codec, environment, snapshots=snapshots, kept=KeptStates())
        return Commands(Executor(store, repository, queries, adapters.codec, environment, BUDGET))
