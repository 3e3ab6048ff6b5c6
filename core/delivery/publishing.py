"""The `dual-write` design: the application publishes what it has committed. Nothing makes the two one step, and that is its fault."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from core.ports.commit import Commit, Committed
from core.ports.environment import Environment
from core.ports.event_publisher import EventPublisher, PublishFailed
from core.ports.event_store import EventStore
from core.ports.events import RecordedEvent

_log = logging.getLogger("ecshop.delivery")


class PublishingEventStore:
    """An event store whose commits are published by whoever made them. `counts` has events `acknowledged` and `failed`.

    A commit that is stored is answered as such, though its publishing failed: it is done, and only `reconcile` brings its rows. A crash
    between the two loses the publishing for ever.
    """

    def __init__(
        self,
        store: EventStore,
        publisher: EventPublisher,
        record: Callable[[Commit], Sequence[Sequence[RecordedEvent]]],
        environment: Environment,
    ) -> None:
        """Commit to `store`, then publish; `record` gives the events of a commit as the store keeps them."""
        self.counts: Counter[str] = Counter()
        self._store = store
        self._publisher = publisher
        self._record = record
        self._environment = environment
        self._counting = threading.Lock()

    def commit(self, commit: Commit) -> Committed:
        """Write, then publish. Raises what the store raises; then nothing is published, even where the outcome is unknown."""
        committed = self._store.commit(commit)
        events = [event for append in self._record(commit) for event in append]
        if events:
            self._publish(events)
        return committed

    def _publish(self, events: Sequence[RecordedEvent]) -> None:
        self._environment.failpoint("publish.before")
        try:
            self._publisher.publish(events)
        except PublishFailed as failed:
            self._count("failed", len(failed.unacknowledged))
            _log.warning("stored, and not published: %s", failed)
        else:
            self._count("acknowledged", len(events))
        self._environment.failpoint("publish.after")

    def _count(self, what: str, events: int) -> None:
        with self._counting:  # any number of threads commit at the same time
            self.counts[what] += events

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else an event store does, the one behind it does
        """Pass everything else on."""
        return getattr(self._store, name)
