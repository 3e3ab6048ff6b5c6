"""Events as DynamoDB items, which its tables keep and its change feed carries. What is missing or malformed is read as empty."""

from datetime import UTC, datetime
from typing import Any

from adapters.serialization.codec import parse_instant
from core.domain.times import instant
from core.ports.events import Codec, Metadata, RecordedEvent, Undecodable

Item = dict[str, Any]
"""An item as the low-level client speaks it: `{"version": {"N": "1"}, ...}`."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def event_key(stream: str, version: int) -> Item:
    """Give the primary key of an event."""
    return {"aggregate_id": {"S": stream}, "version": {"N": str(version)}}


def image(event: RecordedEvent, metadata: str) -> Item:
    """Give what an item says of an event; `metadata` is its metadata as JSON, encoded once for all events that share it."""
    return event_key(event.stream, event.version) | {
        "id": {"S": event.id},
        "aggregate_type": {"S": event.aggregate_type},
        "event_type": {"S": event.type},
        "schema_version": {"N": str(event.schema_version)},
        "data": {"S": event.data.decode()},
        "created_at": {"S": instant(event.created_at)},
        "commit_id": {"S": event.commit_id},
        "metadata": {"S": metadata},
    }


def recorded_event(item: Item, codec: Codec) -> RecordedEvent:
    """Give the event of an item; one that cannot be read must still be counted and parked."""
    return RecordedEvent(
        text(item, "id"),
        text(item, "aggregate_id"),
        number(item, "version"),
        text(item, "aggregate_type"),
        text(item, "event_type"),
        number(item, "schema_version"),
        # A lone surrogate is no UTF-8; passed on, it is the codec's to refuse.
        text(item, "data").encode("utf-8", "surrogatepass"),
        time(item, "created_at"),
        text(item, "commit_id"),
        _metadata(item, codec),
    )


def text(item: Item, name: str) -> str:
    """Give a string attribute, or an empty one."""
    return str(item.get(name, {}).get("S", ""))


def number(item: Item, name: str) -> int:
    """Give a whole-number attribute, or 0."""
    try:
        return int(item.get(name, {}).get("N", "0"))
    except ValueError:
        return 0


def time(item: Item, name: str) -> datetime:
    """Give a time attribute, or the first moment of 1970."""
    try:
        return parse_instant(text(item, name))
    except (Undecodable, OverflowError):
        return EPOCH


def _metadata(item: Item, codec: Codec) -> Metadata:
    try:
        return codec.decode(text(item, "metadata").encode("utf-8", "surrogatepass"), Metadata)
    except Undecodable:
        return Metadata()
