"""What the contract suites need of an adapter beyond its port: a second client, and a network that can be made to fail."""

from collections.abc import Callable
from typing import Protocol

from core.ports.environment import Environment
from core.ports.event_store import EventStore
from core.ports.outbox import Outbox
from core.ports.snapshot_store import SnapshotStore


class Failpoints:
    """Armed crash points by name: each entry is called, first in first out, when the point is passed."""

    def __init__(self) -> None:
        """Arm none."""
        self.armed: dict[str, list[Callable[[], None]]] = {}
        self.passed: list[str] = []

    def __call__(self, name: str) -> None:
        """Stand in for `Environment.failpoint`."""
        self.passed.append(name)
        if self.armed.get(name):
            self.armed[name].pop(0)()


class EventStoreHarness(Protocol):
    """One empty event store and the means to hurt it."""

    store: EventStore
    snapshots: SnapshotStore
    failpoints: Failpoints
    environment: Environment

    def another(self) -> EventStore:
        """Give a second client on the same data, as another process would have."""

    def marking(self) -> EventStore:
        """Give the store, opened to mark what it commits as still to be relayed."""

    def outbox(self) -> Outbox:
        """Give the marks as another relay sees them."""

    def lose_answers(self, times: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Let the store do the next `times` writes, but cut the connection before it answers, the first time after `meanwhile`."""

    def lose_requests(self, times: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Cut the connection of the next `times` writes before the store sees them, the first after `meanwhile`."""

    def lost(self) -> int:
        """Tell how many requests and answers were lost."""

    def unreachable(self) -> EventStore:
        """Give a client of a store that nobody listens for; memory has none."""

    def unreachable_outbox(self) -> Outbox:
        """Give the marks of a store that nobody listens for; memory has none."""

    def dig_hole(self, stream: str, version: int) -> None:
        """Remove one event behind the store's back."""
