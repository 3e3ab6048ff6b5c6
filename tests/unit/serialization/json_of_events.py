"""Events as JSON and back, beside the standard library's own reading of it."""

import json
from datetime import UTC, datetime
from typing import Any

from adapters.serialization.codec import JsonCodec
from core.ports.events import Metadata, RecordedEvent

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
CODEC = JsonCodec()


def recorded(event_type: str, data: bytes | dict[str, Any], schema_version: int = 1) -> RecordedEvent:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return RecordedEvent("id", "stream", 1, "Aggregate", event_type, schema_version, raw, AT, "commit", Metadata())


def written(event: object) -> dict[str, Any]:
    """Give the JSON of an event as the standard library reads it."""
    decoded: dict[str, Any] = json.loads(CODEC.encode_event(event)[3])
    return decoded


def read(event_type: str, data: bytes | dict[str, Any], schema_version: int = 1) -> Any:  # noqa: ANN401 - any event
    return CODEC.decode_event(recorded(event_type, data, schema_version))


def stock_added(added_at: object = "2026-01-02T03:04:05.678901Z", **others: object) -> dict[str, Any]:
    return {"product_id": "tea", "quantity": 1, "added_at": added_at, **others}
