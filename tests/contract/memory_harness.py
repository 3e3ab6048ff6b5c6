"""The in-memory event store for the contract suites; `MUTANT` names a broken one to be run in its place."""

import copy
import os
from collections.abc import Callable

from adapters.inmemory.event_feed import InMemoryEventFeed
from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.outbox import InMemoryOutbox
from adapters.inmemory.snapshot_store import InMemorySnapshotStore
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.ports.environment import AnswerLost
from core.ports.event_feed import EventFeed
from core.ports.event_store import EventStore
from core.ports.snapshot_store import SnapshotStore
from tests.contract.mutants.catalogue import mutated
from tests.support.environment import armed_environment


class MemoryHarness:
    """One in-memory store; its network is the failpoints around the write."""

    def __init__(self) -> None:
        """Start empty."""
        self.environment, self.failpoints = armed_environment()
        mutant = os.environ.get("MUTANT", "")
        store_class = mutated(InMemoryEventStore, mutant)
        snapshots_class = mutated(InMemorySnapshotStore, mutant)
        self._memory: InMemoryEventStore = store_class(JsonCodec(), self.environment)
        self.store: EventStore = self._memory
        self.snapshots: SnapshotStore = snapshots_class()
        self._outbox: InMemoryOutbox = mutated(InMemoryOutbox, mutant)()
        self._lost = 0

    def another(self) -> EventStore:
        """Give the same store with no crash points."""
        another = copy.copy(self._memory)
        another._environment = system_environment()
        return another

    def marking(self) -> EventStore:
        """Give the same store with marks."""
        marking = copy.copy(self._memory)
        marking._mark = self._outbox.mark
        return marking

    def outbox(self) -> InMemoryOutbox:
        """Give the one that there is."""
        return self._outbox

    def own_feed(self, consumer: str) -> EventFeed:
        """Give a consumer's view of the log; its place dies with it, whatever its name."""
        del consumer
        return InMemoryEventFeed(self._memory, self.environment)

    def lose_answers(self, times: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Arm the point after the write."""
        self.failpoints.armed["write.after"] = self._losses(times, meanwhile)

    def lose_requests(self, times: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Arm the point before the write."""
        self.failpoints.armed["write.before"] = self._losses(times, meanwhile)

    def _losses(self, times: int, meanwhile: Callable[[], object]) -> list[Callable[[], None]]:
        def first() -> None:
            meanwhile()
            self._lose()

        return [first, *[self._lose] * (times - 1)][:times]

    def _lose(self) -> None:
        self._lost += 1
        raise AnswerLost

    def lost(self) -> int:
        """Give how many armed points were passed."""
        return self._lost

    def unreachable(self) -> EventStore:
        """Memory is always reached."""
        raise NotImplementedError

    def unreachable_outbox(self) -> InMemoryOutbox:
        """Memory is always reached."""
        raise NotImplementedError

    def dig_hole(self, stream: str, version: int) -> None:
        """Take one event out of the list."""
        events = self._memory._streams[stream]
        del events[version - 1]
