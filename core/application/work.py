"""One try at a decision: what it read, what it wants to write, and the commit that comes of it."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from typing import TypeVar

from core.application.repository import Loaded, Repository
from core.domain.aggregate import Aggregate
from core.domain.errors import DomainError
from core.domain.inventory import Inventory, inventory_stream
from core.domain.product import Product
from core.ports.commit import Append, Check, Position
from core.ports.environment import Environment
from core.ports.events import NewEvent
from core.ports.queries import Queries, QueriesUnavailable
from core.ports.views import Shelf

A = TypeVar("A", bound=Aggregate)

QUOTE_MAX_AGE = 5.0
"""Seconds that a kept price may be old when it is quoted; the order checks it."""


class OutOfOrder(Exception):
    """A stream was wanted whose lock comes before one already held; the decision starts over with its lock taken first."""

    def __init__(self, stream: str) -> None:
        """Keep which stream it is."""
        super().__init__(stream)
        self.stream = stream


class PreconditionFailed(DomainError):
    """What the command changes is not at a version that it was meant for."""

    code = "precondition_failed"


class Work:
    """What a handler decides with. Every state it loads is appended to or checked in the commit; a quote is the one exception."""

    def __init__(
        self, repository: Repository, queries: Queries, environment: Environment, locks: ExitStack, *, fresh: bool
    ) -> None:
        """Decide on these; `locks` is left when the commit is over; `fresh` reads everything consistently."""
        self.at = environment.now()
        self.queued = 0.0
        self.leaned_on_kept = False
        self._repository = repository
        self._queries = queries
        self._environment = environment
        self._locks = locks
        self._locked: list[str] = []
        self._fresh = fresh
        self._loaded: dict[str, Loaded[Aggregate]] = {}
        self._events: dict[str, list[NewEvent]] = {}
        self._drafts: dict[str, Aggregate] = {}

    def lock(self, stream: str) -> None:
        """Queue for the stream inside this process; those who lock in sorted order never wait for each other in a ring.

        Raises:
            OutOfOrder: a lock that sorts after it is held.
        """
        if stream in self._locked:
            return
        if self._locked and stream < self._locked[-1]:
            raise OutOfOrder(stream)
        began = self._environment.monotonic()
        self._locks.enter_context(self._environment.locked((stream,)))
        self.queued += self._environment.monotonic() - began
        self._locked.append(stream)

    def edit(self, kind: type[A], stream: str) -> A:
        """Load a state that the decision is going to append to."""
        self.lock(stream)
        return self.look(kind, stream)

    def look(self, kind: type[A], stream: str) -> A:
        """Load a state that the decision depends on: unless appended to, its version is checked. A decision sees one state of a stream."""
        if stream not in self._loaded:
            loaded = self._repository.load(kind, stream, fresh=self._fresh)
            self._loaded[stream] = loaded  # type: ignore[assignment] # Loaded is read-only, so a Product's is an Aggregate's
            self.leaned_on_kept |= loaded.kept
        state = self._drafts.get(stream) or self._loaded[stream].state
        assert isinstance(state, kind)  # noqa: S101 - for the type checker; a stream is of one kind
        return state

    def require_version(self, stream: str, expected: Collection[int] | None) -> None:
        """Refuse to go on unless the loaded stream, the one decided on, stands at an expected version; None expects nothing.

        Raises:
            PreconditionFailed: it stands at another.
        """
        version = self._loaded[stream].version
        if expected is not None and version not in expected:
            sentence = f"It is at version {version}, not at the one that this was meant for; read it again first."
            raise PreconditionFailed(sentence, version=version)

    def start(self, kind: type[A], stream: str) -> A:
        """Begin a stream whose name is new, without reading."""
        state = kind()
        self._loaded[stream] = Loaded(0, state, kept=False)
        return state

    def quote(self, kind: type[A], stream: str) -> A:
        """Load a state that is only quoted, at most 5 s old, and not checked."""
        loaded = self._repository.load(kind, stream, fresh=self._fresh, max_age=QUOTE_MAX_AGE)
        self.leaned_on_kept |= loaded.kept
        return loaded.state

    def append(self, kind: type[A], stream: str, *events: object) -> A:
        """Want these events written to a loaded stream; give the state after them. The loaded state stays as it is."""
        draft = self._drafts.get(stream) or self._loaded[stream].state.copy()
        for event in events:
            self._events.setdefault(stream, []).append(NewEvent(self._environment.new_id(), event))
            draft.evolve(event)
        self._drafts[stream] = draft
        assert isinstance(draft, kind)  # noqa: S101 - for the type checker; the caller loaded it as this kind
        return draft

    def shelves(self, product_ids: Iterable[str]) -> Mapping[str, Shelf]:
        """Give what cart lines show of their products, from kept states, else from the read model; display data, never decided on."""
        shelves, others = {}, []
        for product_id in product_ids:
            product = self._repository.kept(Product, product_id)
            inventory = self._repository.kept(Inventory, inventory_stream(product_id))
            if product and inventory:
                name, on_sale = product.state.name, product.state.on_sale  # type: ignore[attr-defined]
                shelves[product_id] = Shelf(name, on_sale, inventory.state.available)  # type: ignore[attr-defined]
            else:
                others.append(product_id)
        if others:
            try:
                shelves |= self._queries.shelves(others)
            except QueriesUnavailable:
                return shelves
        return shelves

    @property
    def locked(self) -> list[str]:
        """The streams whose locks are held, sorted."""
        return self._locked

    @property
    def writes(self) -> bool:
        """Whether anything is to be written."""
        return bool(self._events)

    @property
    def appends(self) -> tuple[Append, ...]:
        """What is to be written."""
        return tuple(
            Append(stream, self._loaded[stream].version, tuple(events)) for stream, events in self._events.items()
        )

    @property
    def checks(self) -> tuple[Check, ...]:
        """What must not have moved."""
        return tuple(
            Check(stream, loaded.version) for stream, loaded in self._loaded.items() if stream not in self._events
        )

    @property
    def positions(self) -> tuple[Position, ...]:
        """Where the streams stand that the decision saw or, after its commit, wrote."""
        written = tuple(
            Position(append.stream, append.expected_version + len(append.events)) for append in self.appends
        )
        return written or tuple(Position(stream, loaded.version) for stream, loaded in self._loaded.items())

    def confirm(self, sent_at: float) -> None:
        """Publish the drafts: their commit, sent at `sent_at` (monotonic seconds), was acknowledged."""
        for stream, draft in self._drafts.items():
            before = self._loaded[stream].version
            version = before + len(self._events.get(stream, ()))
            self._repository.confirm(stream, before, version, draft, sent_at)

    def drop(self) -> None:
        """Forget every state that the decision was made on."""
        for stream in self._loaded:
            self._repository.drop(stream)
