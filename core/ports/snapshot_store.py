"""Saved states, so that a long stream need not be folded from its first event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of `stream` after `version` events. `schema_version` is that of the state, `state` its JSON."""

    stream: str
    aggregate_type: str
    version: int
    schema_version: int
    state: bytes
    created_at: datetime


class SnapshotStore(Protocol):
    """The newest state of each stream, best effort: losing one costs time, never a fact."""

    def load(self, stream: str) -> Snapshot | None:
        """Give the newest snapshot of `stream`; None where there is none that can be read.

        Raises:
            StoreUnavailable: the store was not reached.
        """

    def save(self, snapshot: Snapshot) -> bool:
        """Keep `snapshot` unless one of the same or a higher version is there; tell whether it was kept.

        Raises:
            StoreUnavailable: the store was not reached; it may or may not be kept.
        """
