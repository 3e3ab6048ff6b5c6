"""Events and claims as rows, and back. What cannot be read is read as empty: it must still be counted and parked."""

from datetime import UTC, datetime
from typing import Any

from core.ports.event_store import HeldClaim
from core.ports.events import Codec, Metadata, RecordedEvent, Undecodable

Row = tuple[Any, ...]

EVENT_COLUMNS = "id, stream, version, aggregate_type, type, schema_version, data, created_at, commit_id, metadata"
"""In the order of `RecordedEvent`."""


def recorded_event(row: Row, codec: Codec) -> RecordedEvent:
    """Give the event of a row of `EVENT_COLUMNS`."""
    event_id, stream, version, aggregate_type, kind, schema_version, data, created_at, commit_id, metadata = row
    return RecordedEvent(
        event_id,
        stream,
        version,
        aggregate_type,
        kind,
        schema_version,
        data.encode(),
        created_at.astimezone(UTC),
        commit_id,
        _metadata(metadata, codec),
    )


def held_claim(row: Row) -> HeldClaim:
    """Give the claim of a row of key, owner, commit_id, value and expires_at."""
    key, owner, commit_id, value, expires_at = row
    return HeldClaim(key, owner, commit_id, _bytes(value), _in_utc(expires_at))


def is_name(text: str) -> bool:
    """Tell whether anything can be stored under this name: PostgreSQL's text holds no NUL, and nothing that is no UTF-8."""
    return "\0" not in text and (text.isascii() or text.encode(errors="ignore").decode() == text)


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def _in_utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)


def _metadata(text: str, codec: Codec) -> Metadata:
    try:
        return codec.decode(text.encode(), Metadata)
    except Undecodable:
        return Metadata()
