"""The event store as a simulated client meets it."""

from collections.abc import Callable
from typing import Any

from core.ports.commit import Commit, Committed
from core.ports.event_store import EventStore, OutcomeUnknown
from entrypoints.comparison.faults import Faults
from entrypoints.comparison.simulated.scheduler import Scheduler

LATE = 1.5
"""Longest time, in seconds, that an acknowledgement is late."""


class DoubtfulStore:
    """An event store whose acknowledgement may come late, or never."""

    def __init__(self, store: EventStore, faults: Faults, scheduler: Scheduler) -> None:
        """Stand before `store`."""
        self._store = store
        self._faults = faults
        self._scheduler = scheduler

    def commit(self, commit: Commit) -> Committed:
        """Commit; afterwards, nobody may hear of it for a while, or at all."""
        committed = self._store.commit(commit)
        if self._faults.strikes("ack.late"):
            late = self._faults.part("ack.late")
            self._scheduler.sleep(late * LATE)
            if late > 0.5:  # noqa: PLR2004 - half of them never come
                raise OutcomeUnknown(commit)
        return committed

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Pass everything else on."""
        return getattr(self._store, name)


class NotedStore:
    """An event store each commit of which is told to `note` as it is handed over, whatever becomes of it."""

    def __init__(self, store: EventStore, note: Callable[[Commit], None]) -> None:
        """Stand before `store`."""
        self._store = store
        self._note = note

    def commit(self, commit: Commit) -> Committed:
        """Note, then commit."""
        self._note(commit)
        return self._store.commit(commit)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Pass everything else on."""
        return getattr(self._store, name)
