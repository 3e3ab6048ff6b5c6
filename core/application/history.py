"""Queries over the events themselves, for those who may see them."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any

from core.domain import REDACTED_METADATA
from core.domain.aggregate import Aggregate
from core.domain.errors import NotFound
from core.domain.times import instant
from core.ports.event_store import EventStore
from core.ports.events import Codec, RecordedEvent, Undecodable
from core.ports.views import EventView, StateView
from core.projections.rows import STATES

OWN_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
"""At the end of a stream's name; streams are written with it in lower case."""


class StreamNotFound(NotFound):
    """No event was ever written to the stream, or none up to the point asked for."""

    code = "stream_not_found"


class History:
    """What happened to one aggregate, read from the event store, consistently. A UUID may come in either case."""

    def __init__(self, store: EventStore, codec: Codec) -> None:
        """Read this store."""
        self._store = store
        self._codec = codec

    def events(self, stream: str, after_version: int = 0, limit: int = 100) -> Sequence[EventView]:
        """Give up to `limit` events behind a version, ascending.

        Raises:
            StreamNotFound: the stream has no events at all.
            StreamDamaged, StoreUnavailable: as the event store says.
        """
        stream = _as_written(stream)
        events = [self._view(event) for event in islice(self._store.read(stream, after_version + 1), limit)]
        if not events and not after_version:
            raise StreamNotFound(f"There is no stream {stream}.", stream=stream)
        return events

    def state(self, stream: str, version: int | None = None, at: datetime | None = None) -> StateView:
        """Fold the events up to a version, or up to the last whose created_at is not after a time.

        Raises:
            StreamNotFound: there is no event up to there.
            Undecodable: an event of it is not what its type says.
            StreamDamaged, StoreUnavailable: as the event store says.
        """
        stream = _as_written(stream)
        events = [event for event in self._store.read(stream) if version is None or event.version <= version]
        if at is not None:
            # Times need not grow with versions: everything up to the last event that is old enough counts.
            newest = max((event.version for event in events if event.created_at <= at), default=0)
            events = events[:newest]
        if not events:
            raise StreamNotFound(f"There is no stream {stream}, or nothing in it yet at that point.", stream=stream)
        return self._folded(stream, events)

    def time(self, text: str) -> datetime:
        """Read a time as events write it.

        Raises:
            Undecodable: it is not RFC 3339 with an offset from UTC.
        """
        at = self._codec.decode(self._codec.encode(text), datetime)
        if at.tzinfo is None:
            raise Undecodable(f"{text!r} has no offset from UTC")
        return at

    def _folded(self, stream: str, events: Sequence[RecordedEvent]) -> StateView:
        state: Aggregate = STATES.get(events[0].aggregate_type, Aggregate)()
        state.fold(events, self._codec.decode_event)
        plain: dict[str, Any] = self._codec.decode(self._codec.encode(state), dict)
        return StateView(stream, events[0].aggregate_type, events[-1].version, plain)

    def _view(self, event: RecordedEvent) -> EventView:
        return EventView(
            event.id,
            event.stream,
            event.aggregate_type,
            event.version,
            event.type,
            event.schema_version,
            self._codec.public(event),
            instant(event.created_at),
            event.commit_id,
            {key: value for key, value in asdict(event.metadata).items() if value and key not in REDACTED_METADATA},
        )


def _as_written(stream: str) -> str:
    return OWN_UUID.sub(lambda found: found[0].lower(), stream)
