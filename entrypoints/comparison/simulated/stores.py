"""The event store as a simulated client meets it."""

from collections.abc import Callable
from typing import Any

from core.ports.commit import Commit, Committed
from core.ports.event_store import ClaimTaken, Conflict, EventStore, OutcomeUnknown, StoreUnavailable
from entrypoints.comparison.faults import Faults
from entrypoints.comparison.simulated.scheduler import Scheduler
from entrypoints.comparison.words import events_in_words

LATE = 1.5
"""Longest time, in seconds, that an acknowledgement is late."""


class DoubtfulStore:
    """An event store whose acknowledgement may come late, or never."""

    def __init__(
        self, store: EventStore, faults: Faults, scheduler: Scheduler, tell: Callable[[str, str], None]
    ) -> None:
        """Stand before `store`; `tell` is told what is stored."""
        self._tell = tell
        self._store = store
        self._faults = faults
        self._scheduler = scheduler

    def commit(self, commit: Commit) -> Committed:
        """Commit; afterwards, nobody may hear of it for a while, or at all."""
        committed = self._store.commit(commit)
        if commit.appends:
            self._tell("store", f"{events_in_words(commit)} stored")
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
    """An event store each commit of which is noted as it is handed over, and again where it is refused."""

    def __init__(self, store: EventStore, handed: Callable[[Commit], None], refused: Callable[[Commit], None]) -> None:
        """Stand before `store`."""
        self._store = store
        self._handed = handed
        self._refused = refused

    def commit(self, commit: Commit) -> Committed:
        """Note, then commit."""
        self._handed(commit)
        try:
            return self._store.commit(commit)
        except (Conflict, ClaimTaken, StoreUnavailable):
            self._refused(commit)
            raise

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Pass everything else on."""
        return getattr(self._store, name)
