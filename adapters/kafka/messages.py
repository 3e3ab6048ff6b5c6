"""An event as a message of the topic, and back."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from adapters.serialization.event_items import EPOCH
from adapters.serialization.event_json import event_json, event_of_json
from adapters.serialization.event_keys import readable_key
from adapters.serialization.leaving import leaving
from core.ports.event_feed import Delivery, Doorbell, Unreadable
from core.ports.events import Codec, RecordedEvent, Undecodable

VERSION, EVENT_ID, EVENT_TYPE, CORRELATION_ID = "version", "event_id", "event_type", "correlation_id"
"""The headers. The first, with the key, is all that a doorbell needs; the others are for whoever looks on."""


LATEST_MS = 253_402_300_799_999
"""The last moment of the year 9999, after which Python knows no time."""


class Message(NamedTuple):
    """What is handed to the broker: the key is the stream, the value the event as JSON."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def message(event: RecordedEvent, codec: Codec) -> Message:
    """Write an event, without what must not leave the store."""
    shown = leaving(codec, event)
    headers = {
        VERSION: str(shown.version),
        EVENT_ID: shown.id,
        EVENT_TYPE: shown.type,
        CORRELATION_ID: shown.metadata.correlation_id,
    }
    return Message(
        shown.stream.encode(), event_json(shown, codec), [(name, text.encode()) for name, text in headers.items()]
    )


def position(record: Any) -> str:  # noqa: ANN401 - the package is not typed
    """Say where in the topic a record stands: its partition and its offset."""
    return f"{record.partition}:{record.offset}"


def delivery(record: Any, codec: Codec) -> Delivery:  # noqa: ANN401 - as above
    """Read a record; one with a key and a version is a doorbell, whatever its value is like."""
    key = _key(record.key, record.headers)
    if key is None:
        return Unreadable(position(record), "a message without the key and the version header of an event")
    return Doorbell(*key, _event(record.value, key, codec), position(record))


def time_of(record: Any) -> datetime:  # noqa: ANN401 - as above
    """Tell when the message was sent. A broker may take any number for it."""
    return EPOCH + timedelta(milliseconds=min(max(record.timestamp, 0), LATEST_MS))


def _key(key: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> tuple[str, int] | None:
    versions = [value for name, value in headers if name == VERSION]
    try:
        return readable_key((key or b"").decode(), (versions[-1] or b"").decode()) if versions else None
    except UnicodeDecodeError:
        return None


def _event(value: bytes | None, key: tuple[str, int], codec: Codec) -> RecordedEvent | None:
    try:
        event = event_of_json(value or b"", codec)
    except Undecodable:
        return None
    return event if (event.stream, event.version) == key else None
