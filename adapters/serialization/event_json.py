"""Events as the JSON that a message of a broker carries."""

from datetime import datetime

import msgspec

from adapters.serialization.codec import parse_instant
from adapters.serialization.recording import metadata_json
from core.domain.times import instant
from core.ports.events import Codec, Metadata, RecordedEvent, Undecodable


class _Written(msgspec.Struct):
    """An event with its data as it stands in the store, so that it is read back byte by byte."""

    id: str
    stream: str
    version: int
    aggregate_type: str
    type: str
    schema_version: int
    created_at: str
    commit_id: str
    metadata: msgspec.Raw
    data: msgspec.Raw


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Written).decode


def event_json(event: RecordedEvent, codec: Codec) -> bytes:
    """Give an event as one JSON object; `data` is an object within it. Data that is no JSON makes JSON that nobody can read."""
    return _encode(
        _Written(
            event.id,
            event.stream,
            event.version,
            event.aggregate_type,
            event.type,
            event.schema_version,
            instant(event.created_at),
            event.commit_id,
            msgspec.Raw(metadata_json(codec, event.metadata)),
            msgspec.Raw(event.data),
        )
    )


def event_of_json(data: bytes, codec: Codec) -> RecordedEvent:
    """Read one back.

    Raises:
        Undecodable: it is not such an object.
    """
    try:
        written = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Undecodable(f"not an event in JSON: {error}") from error
    return RecordedEvent(
        written.id,
        written.stream,
        written.version,
        written.aggregate_type,
        written.type,
        written.schema_version,
        bytes(written.data),
        _time(written.created_at),
        written.commit_id,
        codec.decode(bytes(written.metadata), Metadata),
    )


def _time(text: str) -> datetime:
    try:
        return parse_instant(text)
    except OverflowError as error:
        raise Undecodable(f"{text!r} is no time that can be kept") from error
