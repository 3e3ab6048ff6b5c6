"""Snapshots on DynamoDB: one item a stream."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from adapters.aws.failures import code
from adapters.dynamodb.conditions import snapshot_is_newer
from adapters.dynamodb.items import kept_snapshot, snapshot_item, snapshot_key
from adapters.dynamodb.retries import persistently
from core.ports.environment import Environment
from core.ports.snapshot_store import Snapshot

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_STATE_BYTES = 390_000
"""JSON of a state, UTF-8: an item takes 400 KB (409,600 bytes) with its names and its key."""


class DynamoDBSnapshotStore:
    """The `SnapshotStore` of `core.ports.snapshot_store`; a state too large for an item is not kept."""

    def __init__(self, client: "DynamoDBClient", table: str, environment: Environment, budget_seconds: float) -> None:
        """Use a table that `check_tables` found fit. `budget_seconds` is how long one call is tried again."""
        self._client = client
        self._table = table
        self._environment = environment
        self._budget = budget_seconds

    def load(self, stream: str) -> Snapshot | None:
        """Get the item, consistently; one without a state counts as none."""
        request: dict[str, Any] = {"TableName": self._table, "Key": snapshot_key(stream), "ConsistentRead": True}
        item = persistently(self._environment, self._budget, lambda: self._client.get_item(**request)).get("Item")
        return kept_snapshot(item) if item and "state" in item else None

    def save(self, snapshot: Snapshot) -> bool:
        """Put the item on condition that it is newer than what is kept."""
        if len(snapshot.state) > MAX_STATE_BYTES:
            return False
        item, is_repeat = snapshot_item(snapshot), False

        def put() -> bool:
            nonlocal is_repeat
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **snapshot_is_newer(snapshot.version),
                )
            except ClientError as error:
                if code(error) == "ConditionalCheckFailedException":
                    # A repeat can meet what the try before it put there.
                    return is_repeat and error.response.get("Item") == item
                raise
            finally:
                is_repeat = True
            return True

        return persistently(self._environment, self._budget, put)
