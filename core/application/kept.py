"""States kept in memory between commands, so that a warm command reads nothing."""

import threading
from collections import OrderedDict
from typing import NamedTuple

from core.domain.aggregate import Aggregate


class Kept(NamedTuple):
    """The state of a stream at `version`, as it was at `read_at` (monotonic seconds). It is never changed, only replaced."""

    version: int
    state: Aggregate
    read_at: float


class KeptStates:
    """The states used last, at most `most` of them; 0 keeps none. Whether one is still true, only the next commit can tell."""

    def __init__(self, most: int = 10_000) -> None:
        """Start empty."""
        self._most = most
        self._lock = threading.Lock()
        self._states: OrderedDict[str, Kept] = OrderedDict()

    def get(self, stream: str) -> Kept | None:
        """Give what is kept of the stream."""
        with self._lock:
            kept = self._states.get(stream)
            if kept:
                self._states.move_to_end(stream)
            return kept

    def put(self, stream: str, kept: Kept) -> None:
        """Keep a state, unless a newer one is kept."""
        if not self._most:
            return
        with self._lock:
            before = self._states.get(stream)
            if before and before.version > kept.version:
                return
            self._states[stream] = kept
            self._states.move_to_end(stream)
            while len(self._states) > self._most:
                self._states.popitem(last=False)

    def drop(self, stream: str) -> None:
        """Forget the stream's state."""
        with self._lock:
            self._states.pop(stream, None)

    def clear(self) -> None:
        """Forget every state."""
        with self._lock:
            self._states.clear()
