"""From a stream to a state: kept in memory, else the newest snapshot and the events since, else all events."""

from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from core.application.kept import Kept, KeptStates
from core.domain.aggregate import Aggregate
from core.ports.environment import Environment
from core.ports.event_store import EventStore, StoreUnavailable, StreamDamaged
from core.ports.events import Codec, RecordedEvent, Undecodable
from core.ports.snapshot_store import Snapshot, SnapshotStore

A = TypeVar("A", bound=Aggregate)

LOOK_AT_INCARNATION = 60.0
"""Seconds between two looks at whether the store is still the same one."""


class Loaded(NamedTuple, Generic[A]):
    """A state to decide on, and whether it was `kept` rather than read for this decision."""

    version: int
    state: A
    kept: bool


class Repository:
    """Loads states, publishes the ones that a commit confirmed, saves snapshots."""

    def __init__(
        self,
        store: EventStore,
        codec: Codec,
        environment: Environment,
        *,
        snapshots: SnapshotStore | None = None,
        kept: KeptStates | None = None,
        later: Callable[[Callable[[], None]], None] = lambda task: task(),
    ) -> None:
        """Work on these; `later` runs a task after the answer, or at once where nothing lives on after it."""
        self._store = store
        self._codec = codec
        self._environment = environment
        self._snapshots = snapshots
        self._kept = kept or KeptStates(0)
        self._later = later
        self._incarnation = ""
        self._looked_at = float("-inf")

    def load(self, kind: type[A], stream: str, *, fresh: bool = False, max_age: float | None = None) -> Loaded[A]:
        """Give the state to decide on; `fresh` reads it consistently, `max_age` (seconds) does so when the kept one is older.

        Raises:
            StreamDamaged: the stream has a hole.
            Undecodable: an event is not what its type says.
            StoreUnavailable: the store was not reached.
        """
        kept = None if fresh else self.kept(kind, stream)
        if kept and (max_age is None or self._environment.monotonic() - kept.read_at <= max_age):
            return Loaded(kept.version, kept.state, kept=True)  # type: ignore[arg-type] # kept() compared its class
        read_at = self._environment.monotonic()
        version, state = self._read(kind, stream)
        self._kept.put(stream, Kept(version, state, read_at))
        return Loaded(version, state, kept=False)

    def kept(self, kind: type[A], stream: str) -> Kept | None:
        """Give what is kept of the stream, without reading."""
        self._forget_another_life()
        kept = self._kept.get(stream)
        return kept if kept and type(kept.state) is kind else None

    def confirm(self, stream: str, before: int, version: int, state: Aggregate, sent_at: float) -> None:
        """Publish the state that an acknowledged commit made of version `before`; it must not change from here on.

        `sent_at` (monotonic seconds) is before the commit was sent: its acknowledgement may have come late.
        """
        self._forget_another_life()
        self._kept.put(stream, Kept(version, state, sent_at))
        every = state.snapshot_every
        if self._snapshots and version // every > before // every:
            self._later(lambda: self._save(stream, version, state))

    def drop(self, stream: str) -> None:
        """Forget what is kept of a stream that turned out to have moved."""
        self._kept.drop(stream)

    def _forget_another_life(self) -> None:
        """Drop every kept state when the store was dropped and made again, or cannot tell: its versions say nothing any more."""
        now = self._environment.monotonic()
        if now - self._looked_at < LOOK_AT_INCARNATION:
            return
        self._looked_at = now
        try:
            incarnation = self._store.incarnation()
        except StoreUnavailable:
            incarnation = ""
        if not incarnation or incarnation != self._incarnation:
            self._kept.clear()
        self._incarnation = incarnation

    def _read(self, kind: type[A], stream: str) -> tuple[int, A]:
        snapshot = self._snapshot(kind, stream)
        if snapshot is None:
            return self._folded(kind(), 0, self._store.read(stream))
        version, state = snapshot
        # The tail is read from the snapshot's own version: if that event is not there, the snapshot is not of this stream.
        tail = self._store.read(stream, version)
        try:
            first = next(tail, None)
        except StreamDamaged:
            first = None
        if first is None:
            return self._folded(kind(), 0, self._store.read(stream))
        return self._folded(state, version, tail)

    def _folded(self, state: A, version: int, events: Iterable[RecordedEvent]) -> tuple[int, A]:
        return version + state.fold(events, self._codec.decode_event), state

    def _snapshot(self, kind: type[A], stream: str) -> tuple[int, A] | None:
        if self._snapshots is None:
            return None
        try:
            snapshot = self._snapshots.load(stream)
            if snapshot is None or (snapshot.aggregate_type, snapshot.schema_version) != (
                kind.__name__,
                kind.schema_version,
            ):
                return None
            return snapshot.version, self._codec.decode(snapshot.state, kind)
        except (StoreUnavailable, Undecodable):
            return None

    def _save(self, stream: str, version: int, state: Aggregate) -> None:
        assert self._snapshots is not None  # noqa: S101 - confirm() looked
        data, at = self._codec.encode(state), self._environment.now()
        try:
            self._snapshots.save(Snapshot(stream, type(state).__name__, version, state.schema_version, data, at))
        except StoreUnavailable:
            return  # best effort: the next multiple tries again
