"""The sparse index of what is still to be relayed. It lags behind the table: what it names is a doorbell."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adapters.dynamodb.items import MARK, RELAY_PARTITIONS
from adapters.dynamodb.scanning import pages_of
from adapters.serialization.event_items import Item, number, text
from core.ports.environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

START = (0, "")
"""The first partition, before its first stream."""


class MarkedIndex:
    """One relay's way round the index. Every look may raise StoreUnavailable."""

    def __init__(self, client: "DynamoDBClient", table: str, environment: Environment, budget_seconds: float) -> None:
        """Begin anywhere: relays that begin at different places seldom meet on one stream."""
        self._client = client
        self._table = table
        self._environment = environment
        self._budget = budget_seconds
        first = int(environment.jitter(len(RELAY_PARTITIONS))) % len(RELAY_PARTITIONS)
        self._partitions = RELAY_PARTITIONS[first:] + RELAY_PARTITIONS[:first]
        self._place = START

    def next_streams(self, limit: int) -> dict[str, int]:
        """Go on where the last look ended, and from the start again at the end; give streams, each with a version that is named there."""
        began = self._place
        return self._on_from_here(limit) or ({} if began == START else self._on_from_here(limit))

    def _on_from_here(self, limit: int) -> dict[str, int]:
        found: dict[str, int] = {}
        partition, after = self._place
        while partition < len(self._partitions):
            page = next(self._pages(self._partitions[partition], after, Limit=limit - len(found)))
            for item in page["Items"]:  # by stream; the versions of one are in no order
                after = text(item, "aggregate_id")
                found[after] = max(number(item, "version"), found.get(after, 0))
            if len(found) == limit:
                self._place = partition, after
                return found
            if "LastEvaluatedKey" not in page:
                partition, after = partition + 1, ""
        self._place = START
        return found

    def some(self, most: int) -> list[Item]:
        """Give the keys of up to so many events, from each partition as many."""
        pages = [next(self._pages(partition, Limit=most // len(RELAY_PARTITIONS))) for partition in RELAY_PARTITIONS]
        return [{name: item[name] for name in ("aggregate_id", "version")} for page in pages for item in page["Items"]]

    def count(self) -> int:
        """Count the events that are named."""
        pages = (page for partition in RELAY_PARTITIONS for page in self._pages(partition, Select="COUNT"))
        return sum(page["Count"] for page in pages)

    def _pages(self, partition: str, after: str = "", **how: object) -> Iterator[dict[str, Any]]:
        """Give the pages of one partition, from the stream on that comes after this one."""
        condition, values = f"{MARK} = :partition", {":partition": {"S": partition}}
        if after:
            condition, values = f"{condition} AND aggregate_id > :after", values | {":after": {"S": after}}
        return pages_of(
            self._environment,
            self._budget,
            self._client.query,
            TableName=self._table,
            IndexName="GSI2",
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            **how,
        )
