"""The older designs as they were: each event is written alone and published alone, and nothing holds the two together."""

from collections.abc import Callable, Sequence
from typing import Any

from core.ports.commit import Append, Commit, Committed
from core.ports.environment import Environment
from core.ports.event_publisher import EventPublisher, PublishFailed
from core.ports.event_store import Conflict, EventStore, StoreUnavailable
from core.ports.events import RecordedEvent

Record = Callable[[Commit], Sequence[Sequence[RecordedEvent]]]

TRIES, PAUSE = 4, 0.5
"""How often a publish is tried where it is tried again, and the longest time between two tries, in seconds."""


class EventByEvent:
    """An event store that writes a commit's events one after another, the order's own first, and publishes each for itself.

    A failed publish is answered as an error, though the events so far are stored; nobody publishes them again. With `retry`, whoever
    publishes tries a few times before.
    """

    def __init__(
        self,
        store: EventStore,
        publisher: EventPublisher,
        record: Record,
        environment: Environment,
        strikes: Callable[[str], bool],
        *,
        publish_first: bool,
        retry: bool = False,
    ) -> None:
        """Write to `store`; with `publish_first`, each event is published before it is written."""
        self._tries = TRIES if retry else 1
        self._store = store
        self._publisher = publisher
        self._record = record
        self._environment = environment
        self._strikes = strikes
        self._publish_first = publish_first

    def commit(self, commit: Commit) -> Committed:
        """Write as far as it goes.

        Raises:
            PublishFailed: what was written before stays, and is not published.
            StoreUnavailable: the rest was cut off.
            Conflict: a later event found its stream moved; what was written before stays.
        """
        written = False
        # The older system saved the order first and then reserved its stock: that is the last append here.
        for append in reversed(commit.appends):
            for place, event in enumerate(append.events):
                if written and self._strikes("commit.cut"):
                    raise StoreUnavailable("the rest of the commit was cut off")
                self._one(commit, Append(append.stream, append.expected_version + place, (event,)))
                written = True
        return Committed(commit.id, commit.positions)

    def _one(self, whole: Commit, append: Append) -> None:
        single = Commit(self._environment.new_id(), whole.created_at, (append,), metadata=whole.metadata)
        ((event,),) = self._record(single)
        if self._publish_first:
            self._publish(event)
            if self._strikes("commit.refused"):
                raise Conflict("the commit after the publish was refused")
            self._store.commit(single)
        else:
            self._store.commit(single)
            self._publish(event)

    def _publish(self, event: RecordedEvent) -> None:
        self._environment.failpoint("publish.before")
        for left in reversed(range(self._tries)):
            try:
                self._publisher.publish([event])
                break
            except PublishFailed:
                if not left:
                    raise
                self._environment.sleep(self._environment.jitter(PAUSE))
        self._environment.failpoint("publish.after")

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Pass everything else on."""
        return getattr(self._store, name)
