"""One lock per key, for as long as somebody wants it."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


class KeyedLocks:
    """Locks by name; a name that nobody holds or waits for takes no memory."""

    def __init__(self) -> None:
        """Start without any."""
        self._guard = threading.Lock()
        self._entries: dict[str, _Entry] = {}

    @contextmanager
    def locked(self, keys: Iterable[str]) -> Iterator[None]:
        """Hold the locks of `keys`, taken in sorted order so that two callers never wait for each other."""
        with ExitStack() as held:
            for key in sorted(set(keys)):
                held.enter_context(self._one(key))
            yield

    @contextmanager
    def _one(self, key: str) -> Iterator[None]:
        with self._guard:
            entry = self._entries.setdefault(key, _Entry())
            entry.users += 1
        try:
            with entry.lock:
                yield
        finally:
            with self._guard:
                entry.users -= 1
                if not entry.users:
                    del self._entries[key]
