"""A process of the shop on the in-memory adapters, with a clock of its own and its store's calls counted."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.projection_store import InMemoryProjectionStore
from adapters.inmemory.queries import InMemoryQueries
from adapters.inmemory.snapshot_store import InMemorySnapshotStore
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.application.carts import AddToCart
from core.application.commands import Commands
from core.application.executor import Answer, Context, Executor
from core.application.idempotency import Once
from core.application.kept import KeptStates
from core.application.products import CreateProduct
from core.application.repository import Repository
from core.ports.commit import Commit, Committed
from core.ports.environment import AnswerLost, Environment
from core.ports.event_store import EventStore, HeldClaim, StoreUnavailable
from core.ports.events import RecordedEvent
from core.ports.queries import Queries
from core.ports.snapshot_store import SnapshotStore
from tests.contract.harness import Failpoints

CODEC = JsonCodec()
BEGIN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


class Clock:
    """Time that passes only when somebody sleeps or a test says so."""

    def __init__(self) -> None:
        """Begin at `BEGIN`."""
        self.seconds = 0.0
        self.pauses: list[float] = []

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return 1_000.0 + self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.advance(seconds)

    def environment(self, failpoints: Failpoints) -> Environment:
        """Give the system's environment with this time, jitter at its longest, and these failpoints."""
        return replace(
            system_environment(),
            now=self.now,
            monotonic=self.monotonic,
            sleep=self.sleep,
            jitter=lambda most: most,
            failpoint=failpoints,
        )


class CountedStore:
    """The store that it is given, with a note of each call and of each commit.

    `reachable` False makes its calls fail, as a network would; `before` is called with each call's name.
    """

    def __init__(self, store: EventStore) -> None:
        """Pass everything on to `store`."""
        self.inner = store
        self.calls: list[str] = []
        self.commits: list[Commit] = []
        self.reachable = True
        self.before: Callable[[str], None] = lambda _call: None

    def _called(self, call: str) -> None:
        self.calls.append(call)
        self.before(call)
        if not self.reachable:
            raise StoreUnavailable

    def commit(self, commit: Commit) -> Committed:
        self._called("commit")
        self.commits.append(commit)
        return self.inner.commit(commit)

    def read(self, stream: str, from_version: int = 1) -> Iterator[RecordedEvent]:
        self._called(f"read {stream} from {from_version}")
        return self.inner.read(stream, from_version)

    def find_claim(self, key: str, at: datetime) -> HeldClaim | None:
        self._called("find_claim")
        return self.inner.find_claim(key, at)

    def incarnation(self) -> str:
        self._called("incarnation")
        return self.inner.incarnation()

    def replay(self, segment: int = 0, segments: int = 1) -> Iterator[RecordedEvent]:
        return self.inner.replay(segment, segments)

    def heads(self, segment: int = 0, segments: int = 1) -> Any:  # noqa: ANN401 - passed on as it is
        return self.inner.heads(segment, segments)

    def event_ids(self, places: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
        return self.inner.event_ids(places)

    def changed_since(self, at: datetime) -> Iterator[str]:
        return self.inner.changed_since(at)


@dataclass
class Shop:
    """One process: repository, kept states and executor of its own. `another` gives a second one on the same store."""

    kept: int = 0
    budget: float = 2.0
    clock: Clock = field(default_factory=Clock)
    failpoints: Failpoints = field(default_factory=Failpoints)
    memory: InMemoryEventStore | None = None
    snapshots: SnapshotStore = field(default_factory=InMemorySnapshotStore)
    environment: Environment | None = None
    queries: Queries | None = None

    def __post_init__(self) -> None:
        """Wire it as `config` does."""
        environment = self.environment or self.clock.environment(self.failpoints)
        self.disk = self.memory or InMemoryEventStore(CODEC, environment)
        self.store = CountedStore(self.disk)
        self.repository = Repository(
            self.store, CODEC, environment, snapshots=self.snapshots, kept=KeptStates(self.kept)
        )
        queries = self.queries or InMemoryQueries(InMemoryProjectionStore(environment))
        self.executor = Executor(self.store, self.repository, queries, CODEC, environment, self.budget)
        self.commands = Commands(self.executor)

    def another(self, kept: int = 0) -> "Shop":
        """Give another process on the same store."""
        return Shop(kept, self.budget, self.clock, memory=self.disk, snapshots=self.snapshots)

    def run(self, command: object, once: Once | None = None, actor: str = "mai") -> Answer[Any]:
        """Run a command as `actor`."""
        return self.commands.run(command, Context(actor=actor, once=once))

    def stock(self, product_id: str = "tea", price: int = 500, units: int = 10) -> None:
        """Bring a product into the catalogue, named after its id."""
        self.run(CreateProduct(product_id, product_id.title(), "", price, units))

    def put(self, product_id: str = "tea", quantity: int = 1, user_id: str = "mai") -> None:
        """Put units into a shopper's cart."""
        self.run(AddToCart(user_id, product_id, quantity))

    def calls_of(self, command: object, once: Once | None = None) -> list[str]:
        """Run a command and give the calls that the store saw."""
        self.store.calls.clear()
        self.run(command, once)
        return list(self.store.calls)

    def written(self, stream: str) -> list[str]:
        """Give the types of the stream's events."""
        return [event.type for event in self.disk.read(stream)]

    def commits(self) -> list[list[tuple[str, str]]]:
        """Give every commit that wrote events, in order: which event types went to which streams."""
        commits: dict[str, list[tuple[str, str]]] = {}
        for event in self.disk.changes(0, 1_000_000):
            commits.setdefault(event.commit_id, []).append((event.stream, event.type))
        return list(commits.values())

    def event(self, stream: str, version: int) -> object:
        """Give one event of a stream."""
        return CODEC.decode_event(next(self.disk.read(stream, version)))

    def meanwhile(self, *commands: object, other: "Shop | None" = None) -> None:
        """Before each of the next writes, have another process run the next of these commands."""
        rival, armed = other or self.another(), self.failpoints.armed

        def write(command: object) -> None:
            rest = armed.pop("write.before")  # the rival's own write passes undisturbed
            rival.run(command, actor="ken")
            armed["write.before"] = rest

        armed["write.before"] = [partial(write, command) for command in commands]

    def lose_answers(self, times: int) -> None:
        """Cut the connection after the store has stored."""
        self.failpoints.armed["write.after"] = [_lose] * times

    def lose_requests(self, times: int) -> None:
        """Cut the connection before the store has stored."""
        self.failpoints.armed["write.before"] = [_lose] * times


def _lose() -> None:
    raise AnswerLost


class Crash(BaseException):
    """The process dies at this point."""


def crash() -> None:
    raise Crash
