"""The outbox in memory: what the event store marks with each commit."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from core.ports.events import RecordedEvent
from core.ports.outbox import LONGEST_RUN


class InMemoryOutbox:
    """Marked events by stream. A stream is given to one relay at a time, those that waited longest first."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._marked: dict[str, dict[int, RecordedEvent]] = {}
        self._taken: set[str] = set()

    def mark(self, events: Sequence[RecordedEvent]) -> None:
        """Mark events of one stream, as a part of their commit."""
        with self._lock:
            self._marked.setdefault(events[0].stream, {}).update({event.version: event for event in events})

    @contextmanager
    def turn(self, limit: int) -> Iterator["InMemoryTurn"]:
        """Take streams, and put them last when the turn is over."""
        with self._lock:
            streams = [stream for stream in self._marked if stream not in self._taken][:limit]
            self._taken.update(streams)
            runs = [_run(self._marked[stream]) for stream in streams]
        try:
            yield InMemoryTurn(self, runs)
        finally:
            with self._lock:
                self._taken.difference_update(streams)
                for stream in streams:
                    if left := self._marked.pop(stream, None):
                        self._marked[stream] = left

    def oldest(self) -> datetime | None:
        """Look at all marks."""
        with self._lock:
            marked = [event.created_at for events in self._marked.values() for event in events.values()]
        return min(marked, default=None)

    def pending(self) -> int:
        """Count the marks."""
        with self._lock:
            return sum(map(len, self._marked.values()))

    def unmark(self, event: RecordedEvent) -> None:
        """Take one mark off."""
        with self._lock:
            self._marked.get(event.stream, {}).pop(event.version, None)


class InMemoryTurn:
    """What one relay has taken."""

    def __init__(self, outbox: InMemoryOutbox, runs: Sequence[Sequence[RecordedEvent]]) -> None:
        """Keep it."""
        self._outbox = outbox
        self.runs = runs

    def unmark(self, events: Sequence[RecordedEvent]) -> None:
        """Take the marks off, in this order."""
        for event in events:
            self._outbox.unmark(event)


def _run(marked: dict[int, RecordedEvent]) -> list[RecordedEvent]:
    """Go back from the newest mark to where one is missing, and give the oldest part of that."""
    first = newest = max(marked)
    while first - 1 in marked:
        first -= 1
    return [marked[version] for version in range(first, newest + 1)][:LONGEST_RUN]
