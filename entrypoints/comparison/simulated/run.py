"""One schedule: a workload on one cell, with faults, then the clean-up, then what can be told of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from random import Random
from typing import Any

from core.projections.rows import READ_MODELS
from entrypoints.comparison.evidence import Evidence
from entrypoints.comparison.faults import Faults
from entrypoints.comparison.oracle import diverging
from entrypoints.comparison.simulated.cell import PROJECTORS, Cell
from entrypoints.comparison.simulated.cleanup import clean_up
from entrypoints.comparison.simulated.client import Client
from entrypoints.comparison.simulated.scheduler import Crash, Process, Scheduler
from entrypoints.comparison.simulated.workers import Worker, Workers
from entrypoints.comparison.words import FAULTS_IN_WORDS
from entrypoints.comparison.workload import CLIENTS, Step, shares

LONGEST_OUTAGE = 5.0
"""Seconds."""

LONGEST_RESTART = 1.0
"""Seconds that a process which died takes to come back."""

OUTAGES = {"broker.down": "broker", "shard.throttled": "shard", "database.down": "database"}
"""What is away under which fault; whether one begins is asked at each command."""

SAMPLES_EVERY = 2.0
"""Seconds between two looks at how many rows diverge."""

EVERYTHING = 1_000_000
"""More events than a run has."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one schedule is made of: who runs, what is asked for, and which faults strike: by `rates`, or the n-th ones that are named."""

    design: str
    consumer: str
    seed: int
    steps: Sequence[Step]
    rates: Mapping[str, float]
    faults: Mapping[str, Sequence[int]] | None = None
    clients: int = CLIENTS
    variants: tuple[str, ...] = ()


_read = lru_cache(maxsize=10_000)(json.loads)  # the judge looks at the same events again and again, and changes none


class Run:
    """Runs one plan. `faults` knows afterwards which of them fired."""

    def __init__(self, plan: Plan) -> None:
        """Set everything up."""
        self.faults = Faults(plan.seed, plan.rates, plan.faults)
        self._scheduler = Scheduler(Random(f"{plan.seed} scheduler"))  # noqa: S311 - a run is to be repeated
        self.faults.tell = lambda name: self._tell("fault", FAULTS_IN_WORDS[name])
        self._evidence = Evidence()
        self._looked_at: dict[str, tuple[object, dict[str, Any]]] = {}
        self._cell = Cell(plan.design, plan.consumer, self._scheduler, self.faults, self._tell, plan.variants)
        self._workers = Workers(self._cell)
        self._stopping = False
        self._processes: dict[str, Process] = {}
        self._absent: dict[str, float] = {}
        keys = not self._cell.by_the_application
        self._clients = [
            Client(f"api {number}", steps, self._cell, self._scheduler, self._evidence, keys=keys)
            for number, steps in enumerate(shares(plan.steps, plan.clients))
        ]

    def finish(self) -> Evidence:
        """Run to the end, clean up, and tell."""
        scheduler, evidence = self._scheduler, self._evidence
        for number, client in enumerate(self._clients):
            self._start(f"api {number}", self._serving(client))
        for name, make in self._workers.all().items():
            self._start(name, self._working(make))
        scheduler.start("samples", self._sample)
        scheduler.run(lambda: all(client.done for client in self._clients))
        self.faults.on = False
        self._cell.outages.end()
        evidence.faults_ended_at = scheduler.seconds
        evidence.requests = dict(self._cell.requests)  # what the clean-up asks for, no command has caused
        self._stopping = True
        scheduler.wake()
        scheduler.run(lambda: False)
        for name in self._absent:  # who is down at the end finds its records gone all the same
            self._cell.feeds[name].expiring = True
        evidence.differences = clean_up(self._cell, self._workers, self._look_at_divergence)
        self._gather()
        return evidence

    def _tell(self, who: str, what: str) -> None:
        self._evidence.tell(self._scheduler.seconds, who, what)

    def _serving(self, client: Client) -> Callable[[], None]:
        return lambda: client.live(self._before_a_command)

    def _working(self, make: Callable[[], Worker]) -> Callable[[], None]:
        return lambda: make().run(lambda: self._stopping)

    def _start(self, name: str, main: Callable[[], None], after: float = 0.0) -> None:
        def life() -> None:
            try:
                if after:
                    self._scheduler.sleep(after)
                if self._absent.pop(name, None):
                    self._cell.feeds[name].expiring = True
                main()
            except Crash:
                if not self._stopping:
                    soon = self._scheduler.random.random() * LONGEST_RESTART
                    self._start(name, main, self._absent.get(name, soon))
                raise

        self._processes[name] = self._scheduler.start(name, life)

    def _before_a_command(self) -> None:
        """Ask of each outage whether it begins now."""
        for fault, what in OUTAGES.items():
            if self.faults.strikes(fault):
                self._cell.outages.begin(what, self.faults.part(fault) * LONGEST_OUTAGE)
        if self.faults.strikes("consumer.past_retention"):
            self._take_down(self.faults.part("consumer.past_retention"))

    def _take_down(self, part: float) -> None:
        """End a projector; when it comes back, the records that wait for it are gone."""
        name = PROJECTORS[int(part * len(PROJECTORS))]
        self._absent[name] = part * LONGEST_OUTAGE
        self._scheduler.kill(self._processes[name])

    def _sample(self) -> None:
        while not self._stopping:
            self._look_at_divergence()
            self._scheduler.wait(lambda: self._stopping, SAMPLES_EVERY)

    def _look_at_divergence(self) -> None:
        found = len(diverging(self._events(), self._rows()))
        self._evidence.divergence.append((self._scheduler.seconds, found))

    def _events(self) -> list[dict[str, Any]]:
        names = ("stream", "version", "id", "type")
        return [
            {name: getattr(event, name) for name in names} | {"data": _read(event.data)}
            for event in self._cell.adapters.events.changes(0, EVERYTHING)
        ]

    def _rows(self) -> dict[str, dict[str, Any]]:
        """Give the rows as the judge reads them; one that has not changed since the last look is not read again."""
        for row in (now := self._cell.adapters.projections[READ_MODELS].all_rows()):
            if self._looked_at.get(row.stream, (None,))[0] is not row.state:
                self._looked_at[row.stream] = (row.state, asdict(row.state))
        return {row.stream: self._looked_at[row.stream][1] for row in now}

    def _gather(self) -> None:
        cell, evidence = self._cell, self._evidence
        evidence.events = self._events()
        evidence.handed = {name: feed.handed for name, feed in cell.feeds.items()}
        evidence.announced = {name: feed.announced for name, feed in cell.feeds.items()}
        evidence.excused = {name: feed.excused for name, feed in cell.feeds.items()}
        audited = PROJECTORS if cell.consumer != "naive" else (READ_MODELS,)
        evidence.folded = {name: cell.audits[name].ids for name in audited}
        evidence.sent = cell.mailed()
        evidence.rows = self._rows()
        evidence.visible_at = cell.visible_at
        evidence.refolds = self._workers.refolds
