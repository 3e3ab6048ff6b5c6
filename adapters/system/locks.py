"""One lock per key, for as long as somebody wants it."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class KeyedLocks:
    """Locks by name; a name that nobody holds or waits for takes no memory.

    Whoever lets a lock go hands it to the one who waited longest: a plain lock would mostly be taken again by the thread that has just
    released it, and a command on hot stock could wait for seconds.
    """

    def __init__(self) -> None:
        """Start without any."""
        self._guard = threading.Lock()
        self._queues: dict[str, deque[threading.Lock]] = {}

    @contextmanager
    def locked(self, keys: Iterable[str]) -> Iterator[None]:
        """Hold the locks of `keys`, taken in sorted order so that two callers never wait for each other."""
        held = list[str]()
        try:
            for key in sorted(set(keys)):
                self._take(key)
                held.append(key)
            yield
        finally:
            for key in reversed(held):
                self._hand_on(key)

    def _take(self, key: str) -> None:
        with self._guard:
            queue = self._queues.get(key)
            if queue is None:
                self._queues[key] = deque()
                return
            turn = threading.Lock()
            turn.acquire()
            queue.append(turn)
        try:
            turn.acquire()  # released by the holder before
        except (
            BaseException
        ):  # a signal ended the wait: leave the queue, or pass on a turn that came in the same moment
            with self._guard:
                waiting = turn in queue
                if waiting:
                    queue.remove(turn)
            if not waiting:
                self._hand_on(key)
            raise

    def _hand_on(self, key: str) -> None:
        with self._guard:
            if queue := self._queues[key]:
                queue.popleft().release()
            else:
                del self._queues[key]
