"""The real shop as a simulator owns it: two command processes and a projector on one memory, with a clock, crashes and a hostile feed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

from adapters.inmemory import (
    InMemoryEventFeed,
    InMemoryEventStore,
    InMemoryProjectionStore,
    InMemoryQueries,
    InMemorySnapshotStore,
)
from adapters.serialization.codec import JsonCodec
from adapters.system.locks import KeyedLocks
from core.application.commands import Commands
from core.application.executor import Executor
from core.application.kept import KeptStates
from core.application.repository import Repository
from core.delivery.consumer import Consumer
from core.delivery.projector import Projector
from core.domain.aggregate import Aggregate
from core.ports.environment import AnswerLost, Environment
from core.ports.event_feed import Delivery, Doorbell
from core.ports.event_store import StoreUnavailable
from core.ports.events import RecordedEvent
from core.projections.rows import FOLDS, STATES, RowFold
from tests.contract.harness import Failpoints
from tests.support.commits import AT, adding

CODEC = JsonCodec()

LOST_IMAGES, DAMAGED_IMAGES = 0.1, 0.1
"""Shares of records that come without an image, and with one that was cut short."""

PATIENCE = 2_000
"""Polls after which rows that are still behind count as lost."""


@dataclass(frozen=True, slots=True)
class Blessed:
    """An event that only tomorrow's code knows."""


class TomorrowsCodec(JsonCodec):
    """What a process of tomorrow's code writes with while the others are still today's."""

    def encode_event(self, event: object) -> tuple[str, str, int, bytes]:
        """Know one more event."""
        return ("Product", "Blessed", 1, b"{}") if isinstance(event, Blessed) else super().encode_event(event)


class Crash(BaseException):
    """A process dies here."""


def crash() -> None:
    """Die, from an armed failpoint."""
    raise Crash


def lose() -> None:
    """Lose a request or an answer, from an armed failpoint."""
    raise AnswerLost


def be_away() -> None:
    """Have the store refuse, from an armed failpoint."""
    raise StoreUnavailable("the table is throttled")


class BrokenFold:
    """The fold of the rows, with a bug for the streams in `broken`."""

    def __init__(self) -> None:
        """Start without a bug."""
        self._fold = RowFold(CODEC)
        self.broken: set[str] = set()

    def __call__(self, state: Aggregate | None, event: RecordedEvent) -> Aggregate | None:
        """Fold, or fail."""
        if event.stream in self.broken:
            raise ZeroDivisionError("a bug in the fold")
        return self._fold(state, event)


class ShopUnderTest:
    """What outlives a process: the stores, the feed's position, the clock. And the processes, which are made anew after a crash."""

    def __init__(self, seed: int) -> None:
        """Start empty; the seed is the feed's mood."""
        self.now: datetime = AT
        self.failpoints = Failpoints()
        self.fold = BrokenFold()
        self._ids = count(1)
        self._random = Random(seed)
        environment = self._environment()
        self.store = InMemoryEventStore(TomorrowsCodec(), environment)
        self.snapshots = InMemorySnapshotStore()
        self.projections = InMemoryProjectionStore(environment)
        self.queries = InMemoryQueries(self.projections)
        self._feed = InMemoryEventFeed(self.store, environment, self._random, self._carry)
        self.processes = [self._process(0), self._process(1)]
        self.consumer, self.projector = self._projector()

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
        repository = Repository(self.store, CODEC, environment, snapshots=self.snapshots, kept=kept)
        return Commands(Executor(self.store, repository, self.queries, CODEC, environment))

    def _projector(self) -> tuple[Consumer, Projector]:
        environment = self._environment()
        consumer = Consumer(self.store, self.projections, {FOLDS: self.fold}, environment)
        return consumer, Projector(self._feed, consumer, environment, batch=4)

    def _carry(self, doorbell: Doorbell) -> Delivery:
        chance, event = self._random.random(), doorbell.event
        if event is None or chance > LOST_IMAGES + DAMAGED_IMAGES:
            return doorbell
        return replace(doorbell, event=None if chance < LOST_IMAGES else event._replace(data=event.data[:-1]))

    def restart(self, number: int) -> None:
        """Throw a command process's memory away."""
        self.processes[number] = self._process(number)

    def restart_projector(self) -> None:
        """Throw the projector's memory away; what it had not acknowledged comes again."""
        self.consumer, self.projector = self._projector()

    def pass_time(self, seconds: int) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def arm(self, failpoint: str, *what: Callable[[], None]) -> None:
        """Have these happen at the failpoint, one each time it is passed."""
        self.failpoints.armed[failpoint] = list(what)

    def disarm(self) -> None:
        """Have nothing happen any more."""
        self.failpoints.armed.clear()

    def bless(self, stream: str) -> None:
        """Have tomorrow's code write an event that today's does not know."""
        self.store.commit(adding(Blessed(), to=stream, at_version=self.heads()[stream]))

    def haunt(self, stream: str) -> None:
        """Have the projector hear of an event that no store has, beyond the stream's head."""
        version = self.heads()[stream] + 2
        ghost = next(self.store.read(stream))._replace(id=str(UUID(int=next(self._ids))), version=version)
        self.consumer.handle([Doorbell(stream, version, ghost, "none")])

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
        """Mend the fold, redrive what is parked, and have the projector work until its rows are up with the store."""
        self.fold.broken.clear()
        for parked in self.projections.parked_streams():
            assert self.consumer.redrive(parked.stream) is None
        for _ in range(PATIENCE):
            self.projector.step()
            if self.caught_up():
                return
        raise AssertionError(f"never projected: {self.behind()}")

    def caught_up(self) -> bool:
        """Tell whether every event is projected."""
        return not self.behind()

    def behind(self) -> dict[str, int]:
        """Give the streams with events that are not projected, each with its head."""
        progress = self.queries.progress(self.heads())
        return {stream: version for stream, version in self.heads().items() if progress[stream].version != version}
