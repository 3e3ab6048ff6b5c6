"""What Lambda hands a function: batches of change records, and what it says of the invocation."""

import json
from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from adapters.dynamodb.items import event_item
from adapters.serialization.codec import JsonCodec
from adapters.serialization.event_items import event_key
from adapters.serialization.recording import metadata_json
from core.ports.events import RecordedEvent

Record = dict[str, Any]


class Invocation:
    """An invocation's context: each look at what is left takes the next of `milliseconds`, and stays at the last."""

    def __init__(self, *milliseconds: int) -> None:
        """Have 60 seconds, or these."""
        self._left = list(milliseconds) or [60_000]

    def get_remaining_time_in_millis(self) -> int:
        """Tell how long it may still take."""
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]


def change(event: RecordedEvent, table: str = "events", **changes: Any) -> Record:  # noqa: ANN401 - any part of a record
    """Give the change record of an event as AWS writes it."""
    image = event_item(event, metadata_json(JsonCodec(), event.metadata).decode())
    return {
        "awsRegion": "ap-northeast-1",
        "eventID": event.id,
        "eventName": "INSERT",
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": table,
        "dynamodb": {
            "ApproximateCreationDateTime": int(event.created_at.timestamp() * 1_000),
            "Keys": event_key(event.stream, event.version),
            "NewImage": image,
            "SizeBytes": 700,
        },
        "eventSource": "aws:dynamodb",
    } | changes


def sequence(number: int) -> str:
    """Give the sequence number of the n-th record of a batch."""
    return str(49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_801 + number)


def batch(changes: Iterable[Record | bytes]) -> dict[str, Any]:
    """Give the event of these records; bytes are a record's data as they are."""
    return {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "key",
                    "sequenceNumber": sequence(number),
                    "data": b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).decode(),
                    "approximateArrivalTimestamp": 1_795_599_000.123,
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": f"shardId-000000000000:{sequence(number)}",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": "arn:aws:iam::000000000000:role/projector",
                "awsRegion": "ap-northeast-1",
                "eventSourceARN": "arn:aws:kinesis:ap-northeast-1:000000000000:stream/ec-events",
            }
            for number, data in enumerate(changes)
        ]
    }


def failed_from(answer: dict[str, Any]) -> str | None:
    """Give the sequence number from which on records come again."""
    failures = answer["batchItemFailures"]
    assert len(failures) <= 1
    return str(failures[0]["itemIdentifier"]) if failures else None
