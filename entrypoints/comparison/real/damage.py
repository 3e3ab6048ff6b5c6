"""What befalls a process from within: it dies at a failpoint, a publish fails, a record cannot be read; and what it notes of it all."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from random import Random
from typing import Any

from config.real_comparison import StoreProblem
from core.delivery.stream_batch import Fold
from core.domain.aggregate import Aggregate
from core.ports.commit import Commit, Committed
from core.ports.event_publisher import EventPublisher, PublishFailed
from core.ports.event_store import ClaimTaken, Conflict, EventStore, StoreUnavailable
from core.ports.events import RecordedEvent
from entrypoints.comparison.faults import Faults
from entrypoints.comparison.real.job import Job
from entrypoints.comparison.real.journal import Journal

LATE = 1.5
"""Longest time, in seconds, that a publish is held up, so that another overtakes it."""


class Troubles:
    """Says when a fault strikes this process, and notes each that did."""

    def __init__(self, job: Job, journal: Journal) -> None:
        """Go by the rates of the job."""
        self.faults: Faults = job.faults()
        self._job = job
        self._journal = journal
        self._told: set[str] = set()

    def strike(self, name: str) -> bool:
        """Tell whether this occasion is one."""
        struck = self.faults.strikes(name)
        if struck:
            self._journal.note("fired", name)
        return struck

    def strike_event(self, name: str, event_id: str) -> float | None:
        """Tell whether an event is struck, and how badly, from 0 to 1: in each life of the process the same."""
        rate = self._job.rates.get(name, 0.0)
        random = Random(f"{self._job.seed} {name} {self._job.name} {event_id}")  # noqa: S311 - to be the same again
        if random.random() >= rate:
            return None
        if (key := f"{name} {event_id}") not in self._told:
            self._told.add(key)
            self._journal.note("struck", name, event_id)
        return random.random()

    def failpoint(self, name: str) -> None:
        """Die here, where a crash is due: by SIGKILL, so that nothing of the process acts any more."""
        if self.strike(name):
            os.kill(os.getpid(), signal.SIGKILL)


class Counted:
    """A port each of whose calls is noted, as `<port>.<method>`, before it is made.

    What is left at the end of a `with`, a transaction or a turn, is a port itself.
    """

    def __init__(self, name: str, port: object, journal: Journal) -> None:
        """Stand before `port`."""
        self._name = name
        self._port = port
        self._journal = journal

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the port has under that name
        """Make the call once, and keep it."""
        found, journal, counted = getattr(self._port, name), self._journal, f"{self._name}.{name}"
        if not callable(found):
            return found

        def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401
            journal.note("request", counted)
            given = found(*args, **named)
            return self._within(counted, given) if isinstance(given, AbstractContextManager) else given

        setattr(self, name, call)
        return call

    @contextmanager
    def _within(self, name: str, context: AbstractContextManager[object]) -> Iterator["Counted"]:
        with context as given:
            yield Counted(name, given, self._journal)


class NotedStore:
    """An event store that notes each commit as it is handed over, and again where it is refused; `about` names the command."""

    def __init__(self, store: EventStore, journal: Journal) -> None:
        """Stand before `store`."""
        self.about = ""
        self._store = store
        self._journal = journal

    def commit(self, commit: Commit) -> Committed:
        """Note, then commit."""
        ids = [event.id for append in commit.appends for event in append.events]
        if ids:
            operations = len(ids) + len(commit.checks) + len(commit.claims)
            self._journal.note("commit", self.about, commit.positions, ids, operations)
        try:
            return self._store.commit(commit)
        except (Conflict, ClaimTaken, StoreUnavailable):
            self._journal.note("not stored", ids)
            raise

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Pass everything else on."""
        return getattr(self._store, name)


class UnluckyPublisher:
    """A way into a real broker that fails without having been tried, loses an acknowledgement, or is overtaken."""

    def __init__(self, publisher: Callable[[], EventPublisher], troubles: Troubles) -> None:
        """Stand before what `publisher` opens, when it is first needed."""
        self._publisher = publisher
        self._troubles = troubles

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Publish, unless a fault strikes.

        Raises:
            PublishFailed: naming those that were not acknowledged.
        """
        if self._troubles.strike("publish.fail"):
            raise PublishFailed(events, "the broker refuses")
        if self._troubles.strike("publish.overtake"):
            time.sleep(self._troubles.faults.part("publish.overtake") * LATE)
        try:
            publisher = self._publisher()
        except StoreProblem as problem:
            raise PublishFailed(events, str(problem)) from problem
        publisher.publish(events)
        if self._troubles.strike("publish.ack_lost"):
            raise PublishFailed(events, "the acknowledgement was lost")

    def close(self) -> None:
        """Do nothing: who opened what is behind closes it."""


def with_bug(fold: Fold, troubles: Troubles) -> Fold:
    """Give a fold that raises on some events."""

    def folded(state: Aggregate | None, event: RecordedEvent) -> Aggregate | None:
        if troubles.strike_event("fold.bug", event.id) is not None:
            raise ArithmeticError("a bug of the fold")
        return fold(state, event)

    return folded
