"""The event store on DynamoDB: one request a commit, consistent reads, and no promise that a cut connection could break."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from adapters.dynamodb.items import TIME_PARTITIONS, claim_key, held_claim
from adapters.dynamodb.layout import Tables
from adapters.dynamodb.operations import operations_of
from adapters.dynamodb.retries import persistently
from adapters.dynamodb.scanning import got, in_version_order, items_of, newest
from adapters.dynamodb.writing import CommitWriter
from adapters.serialization.event_items import event_key, number, recorded_event, text
from adapters.serialization.recording import unbroken
from core.domain.times import instant
from core.ports.commit import Commit, Committed
from core.ports.environment import Environment
from core.ports.event_store import Head, HeldClaim
from core.ports.events import Codec, RecordedEvent

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoDBEventStore:
    """The `EventStore` of `core.ports.event_store`; any number of threads may share one.

    A version ahead of the stream's head cannot be refused at the price of one condition an event: an append makes a hole, which reads
    report, and a check passes.
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        tables: Tables,
        codec: Codec,
        environment: Environment,
        budget_seconds: float,
        *,
        outbox: bool = False,
    ) -> None:
        """Use tables that `check_tables` found fit. `budget_seconds` is how long one call is tried again while DynamoDB does not answer.

        `outbox`: what is committed is marked as still to be relayed.
        """
        self._marked = outbox
        self._client = client
        self._tables = tables
        self._codec = codec
        self._environment = environment
        self._budget = budget_seconds
        self._writer = CommitWriter(client, tables, environment, budget_seconds)

    def commit(self, commit: Commit) -> Committed:
        """Write all or nothing, in one request."""
        operations = operations_of(commit, self._tables, self._codec, marked=self._marked)
        self._environment.failpoint("write.before")
        self._writer.write(commit, operations)
        self._environment.failpoint("write.after")
        return Committed(commit.id, commit.positions)

    def read(self, stream: str, from_version: int = 1) -> Iterator[RecordedEvent]:
        """Query the stream's partition, page by page, consistently."""
        first = max(from_version, 1)
        items = items_of(
            self._environment,
            self._budget,
            self._client.query,
            TableName=self._tables.events,
            ConsistentRead=True,
            KeyConditionExpression="aggregate_id = :stream AND version >= :first",
            ExpressionAttributeValues={":stream": {"S": stream}, ":first": {"N": str(first)}},
        )
        yield from unbroken((recorded_event(item, self._codec) for item in items), first)

    def replay(self, segment: int = 0, segments: int = 1) -> Iterator[RecordedEvent]:
        """Scan a segment of the table consistently: that gives all writes acknowledged before it began.

        Raises:
            StreamDamaged: a stream has a hole.
        """
        items = items_of(self._environment, self._budget, self._client.scan, **self._segment(segment, segments))
        return in_version_order(recorded_event(item, self._codec) for item in items)

    def heads(self, segment: int = 0, segments: int = 1) -> Iterator[Head]:
        """Scan a segment of the table consistently for keys and ids; it is billed as if all were read."""
        keys = {"ProjectionExpression": "aggregate_id, version, id"}
        return newest(
            items_of(self._environment, self._budget, self._client.scan, **self._segment(segment, segments), **keys)
        )

    def event_ids(self, places: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
        """Get the items' ids, a hundred at a time."""
        keys = [event_key(*place) for place in places]
        items = got(self._environment, self._budget, self._client.batch_get_item, self._tables.events, keys)
        return {(text(item, "aggregate_id"), number(item, "version")): text(item, "id") for item in items}

    def changed_since(self, at: datetime) -> Iterator[str]:
        """Query the partitions of GSI1 one after the other; the index is eventually consistent."""
        seen: set[str] = set()
        for partition in TIME_PARTITIONS:
            items = items_of(
                self._environment,
                self._budget,
                self._client.query,
                TableName=self._tables.events,
                IndexName="GSI1",
                KeyConditionExpression="gsi1pk = :partition AND created_at >= :at",
                ExpressionAttributeValues={":partition": {"S": partition}, ":at": {"S": instant(at)}},
                ProjectionExpression="aggregate_id",
            )
            for stream in (text(item, "aggregate_id") for item in items):
                if stream not in seen:
                    seen.add(stream)
                    yield stream

    def _segment(self, segment: int, segments: int) -> dict[str, Any]:
        # DynamoDB deals partitions out by a hash of the partition key: a stream is in one segment.
        return {"TableName": self._tables.events, "ConsistentRead": True, "Segment": segment, "TotalSegments": segments}

    def find_claim(self, key: str, at: datetime) -> HeldClaim | None:
        """Get the claim's item consistently; one past its time is there until DynamoDB deletes it, but holds no longer."""
        request: dict[str, Any] = {"TableName": self._tables.claims, "Key": claim_key(key), "ConsistentRead": True}
        item = persistently(self._environment, self._budget, lambda: self._client.get_item(**request)).get("Item")
        if not item:
            return None
        held = held_claim(item)
        return held if held.expires_at is None or held.expires_at > at else None

    def incarnation(self) -> str:
        """Give the id of the events table and when it was made; a table restored under the same name has others."""
        table = persistently(
            self._environment, self._budget, lambda: self._client.describe_table(TableName=self._tables.events)
        )["Table"]
        return f"{table.get('TableId', '')}@{table['CreationDateTime'].astimezone(UTC).isoformat()}"
