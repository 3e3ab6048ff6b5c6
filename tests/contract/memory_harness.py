"""The in-memory event store for the contract suites; `MUTANT` names a broken one to be run in its place."""

import os

from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.snapshot_store import InMemorySnapshotStore
from adapters.serialization.codec import JsonCodec
from core.ports.environment import AnswerLost
from core.ports.event_store import EventStore
from core.ports.snapshot_store import SnapshotStore
from tests.contract.mutants.catalogue import mutated
from tests.support.environment import armed_environment


def _raise_answer_lost() -> None:
    raise AnswerLost


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

    def another(self) -> EventStore:
        """Memory has one client only, which any number of threads share."""
        return self.store

    def lose_answers(self, times: int) -> None:
        """Arm the point after the write."""
        self.failpoints.armed["write.after"] = [_raise_answer_lost] * times

    def lose_requests(self, times: int) -> None:
        """Arm the point before the write."""
        self.failpoints.armed["write.before"] = [_raise_answer_lost] * times

    def unreachable(self) -> EventStore:
        """Memory is always reached."""
        raise NotImplementedError

    def dig_hole(self, stream: str, version: int) -> None:
        """Take one event out of the list."""
        events = self._memory._streams[stream]
        del events[version - 1]
