"""The shop as it was before: its events, written through today's stores with the data and the schema version of then."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from unittest.mock import patch

from adapters.serialization.codec import JsonCodec

ADDED_SINCE: Mapping[str, frozenset[str]] = {
    "OrderCancelled": frozenset({"cancelled_by"}),
    "CartCleared": frozenset({"order_id"}),
}
"""Keys that schema 1 did not have."""

_encode_event = JsonCodec.encode_event


@contextmanager
def shop_of_schema(schema_version: int) -> Iterator[None]:
    """While inside, events are written as schema 1 was, or as what carried no schema version (0), which left empty texts out too."""

    def encode_event(codec: JsonCodec, event: object) -> tuple[str, str, int, bytes]:
        aggregate_type, event_type, _, data = _encode_event(codec, event)
        keys = json.loads(data)
        for key in ADDED_SINCE.get(event_type, frozenset()):
            del keys[key]
        then = {key: value for key, value in keys.items() if value != "" or schema_version}
        return aggregate_type, event_type, schema_version, json.dumps(then).encode()

    with patch.object(JsonCodec, "encode_event", encode_event):
        yield
