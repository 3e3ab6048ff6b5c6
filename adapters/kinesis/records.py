"""What the change feed of the event table carries: its records, in the shape that AWS writes and in the one that emulators write."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from adapters.serialization.event_items import EPOCH, Item, recorded_event
from adapters.serialization.event_keys import readable_key
from core.ports.event_feed import Doorbell, Unreadable
from core.ports.events import Codec, RecordedEvent

ATTRIBUTES = {
    **dict.fromkeys(("id", "aggregate_type", "event_type", "data", "created_at", "commit_id", "metadata"), "S"),
    "schema_version": "N",
}
"""What an image must have, beside its keys, to be taken for the event. One that lacks any is still a doorbell."""


class Carried(NamedTuple):
    """A record of the feed. `changed_at` is about when the table was written, None where the record does not tell."""

    delivery: Doorbell | Unreadable
    changed_at: datetime | None


class _Change(msgspec.Struct):
    keys: Any = msgspec.field(name="Keys", default=None)
    new_image: Any = msgspec.field(name="NewImage", default=None)
    changed_at: Any = msgspec.field(name="ApproximateCreationDateTime", default=None)
    precision: Any = msgspec.field(name="ApproximateCreationDateTimePrecision", default="MILLISECOND")


class _Record(msgspec.Struct):
    kind: str = msgspec.field(name="eventName")
    change: _Change = msgspec.field(name="dynamodb")
    table: str = msgspec.field(name="tableName", default="")
    source: str = msgspec.field(name="eventSourceARN", default="")
    streams_version: str = msgspec.field(name="eventVersion", default="")

    @property
    def table_name(self) -> str:
        """AWS names the table; emulators write the shape of DynamoDB Streams, where it is a part of the source."""
        return self.table or self.source.partition(":table/")[2].partition("/")[0]


_read = msgspec.json.Decoder(_Record).decode


def decode(data: bytes, table: str, codec: Codec, position: str) -> Carried | None:
    """Read one record's data; None where it is of another table, or tells of no new event.

    Only the table, the kind of change and the keys are needed: whatever the image is like, the record is a doorbell.
    """
    try:
        record = _read(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Carried(Unreadable(position, f"not a change record: {error}"), None)
    if not record.table_name:
        return Carried(Unreadable(position, "a change record that names no table"), None)
    if record.table_name != table or record.kind != "INSERT":
        # MODIFY takes a relay's mark off, REMOVE is nobody's: events are written once.
        return None
    changed_at = _time(record)
    key = _keys(record.change.keys)
    if key is None:
        return Carried(Unreadable(position, "a change record whose keys are not those of an event"), changed_at)
    return Carried(Doorbell(*key, _event(record.change, codec), position), changed_at)


def _keys(keys: object) -> tuple[str, int] | None:
    match keys:
        case {"aggregate_id": {"S": str(stream)}, "version": {"N": str(version)}}:
            return readable_key(stream, version)
    return None


def _event(change: _Change, codec: Codec) -> RecordedEvent | None:
    image = change.new_image
    if not isinstance(image, dict) or not _has(image, change.keys):
        return None
    return recorded_event(image, codec)


def _has(image: Item, keys: Item) -> bool:
    if any(image.get(name) != keys[name] for name in ("aggregate_id", "version")):
        return False
    return all(
        isinstance(image.get(name), dict) and isinstance(image[name].get(kind), str)
        for name, kind in ATTRIBUTES.items()
    )


def _time(record: _Record) -> datetime | None:
    """Read it in seconds as DynamoDB Streams has it, else in the unit that the record names."""
    at = record.change.changed_at
    if not isinstance(at, int | float):
        return None
    unit = 1_000_000 if record.streams_version else 1 if record.change.precision == "MICROSECOND" else 1_000
    try:
        return EPOCH + timedelta(microseconds=at * unit)
    except (OverflowError, ValueError):
        return None
