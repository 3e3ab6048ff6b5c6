"""Snapshots in memory."""

import threading

from core.ports.snapshot_store import Snapshot


class InMemorySnapshotStore:
    """The newest snapshot of each stream in a dictionary."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._snapshots: dict[str, Snapshot] = {}

    def load(self, stream: str) -> Snapshot | None:
        """Look it up."""
        return self._snapshots.get(stream)

    def save(self, snapshot: Snapshot) -> bool:
        """Keep it if it is newer."""
        with self._lock:
            kept = self._snapshots.get(snapshot.stream)
            if kept and kept.version >= snapshot.version:
                return False
            self._snapshots[snapshot.stream] = snapshot
            return True
