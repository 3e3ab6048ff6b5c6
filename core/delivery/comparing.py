"""Comparing where a projector stands on a stream with where the store does."""

from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

from core.delivery.deep_look import DeepLook
from core.delivery.stream_batch import Fold
from core.ports.event_store import EventStore, StreamDamaged
from core.ports.projection_store import Cursor, Standing

Kind = Literal["behind", "ahead", "another event", "unknown", "damaged", "another row", "mails missing"]
"""How a stream differs: events not applied, a cursor beyond the head, another event at the cursor, a stream that the store does not
have, one with a hole; and in a deep look a row that is not the fold of its events, mails that were never queued."""


class Difference(NamedTuple):
    """One stream that differs: where the projector stands, and where the store does.

    The store's head has version 0 where there is no such stream, and is the version that is missing where there is a hole.
    """

    stream: str
    kind: Kind
    cursor: Cursor
    head: Cursor


class Comparing:
    """Reads the store, consistently, for each stream that it is asked about."""

    def __init__(self, store: EventStore, deep_look: DeepLook) -> None:
        """Compare with this store."""
        self._store = store
        self._deep_look = deep_look

    def different(
        self, streams: Collection[str], standings: Mapping[str, Standing], fold: Fold | None
    ) -> dict[str, int]:
        """Give those that differ, with the version of the store's head."""
        found = (self.difference(stream, standings.get(stream, Standing()), fold) for stream in streams)
        return {difference.stream: difference.head.version for difference in found if difference}

    def difference(
        self, stream: str, standing: Standing, fold: Fold | None, head_before: int | None = None
    ) -> Difference | None:
        """Compare one stream. With the version of an earlier head, what was written after that may still be on its way."""
        cursor = standing.cursor
        try:
            at_cursor, head = self._positions(stream, cursor)
            on_its_way = head_before is not None and head_before <= cursor.version < head.version
            if at_cursor != cursor or (head != cursor and not on_its_way):
                kind: Kind = "unknown" if not head.version else "ahead" if head.version < cursor.version else "behind"
                if at_cursor.version == cursor.version and at_cursor != cursor:
                    kind = "another event"
                return Difference(stream, kind, cursor, head)
            if fold and (found := self._deep_look.difference(stream, standing, fold)):
                return Difference(stream, found, cursor, head)
        except StreamDamaged as damaged:
            return Difference(stream, "damaged", cursor, Cursor(damaged.version))
        return None

    def _positions(self, stream: str, cursor: Cursor) -> tuple[Cursor, Cursor]:
        """Read, consistently, what the store has at the cursor's version and at its head."""
        events = self._store.read(stream, max(cursor.version, 1))
        positions = [Cursor(event.version, event.id) for event in events]
        if not positions and cursor.version:
            return Cursor(), max(
                (Cursor(event.version, event.id) for event in self._store.read(stream)), default=Cursor()
            )
        at_cursor = positions[0] if cursor.version else Cursor()
        return at_cursor, positions[-1] if positions else Cursor()
