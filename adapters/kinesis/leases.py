"""Who reads which shard, and how far it has come: one item a shard in a DynamoDB table that all workers of a projector share."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from adapters.aws.failures import code
from adapters.aws.services import DYNAMODB
from adapters.kinesis.asking import T, asked
from adapters.kinesis.shards import Shard
from core.ports.environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

TRIM_HORIZON = "TRIM_HORIZON"
"""The checkpoint of a shard of which nothing was dealt with yet."""

SHARD_END = "SHARD_END"
"""The checkpoint of a shard of which everything was dealt with, and which gets nothing any more."""

NAMES = {
    "#owner": "owner",
    "#counter": "counter",
    "#checkpoint": "checkpoint",
}  # DynamoDB reserves some of the bare words

# Whoever takes a lease writes itself in and moves the counter, so an owner that was overtaken cannot write any more.
STILL_HELD = "#owner = :was AND #counter = :counter"

# Nobody had it when it was seen, and nobody has had it since.
STILL_FREE = "attribute_not_exists(#owner) AND #counter = :counter"

# Two workers that see a new shard at once make one lease.
IS_NEW = "attribute_not_exists(#lease)"

# What is removed was at its end; it stays out of the table only where nobody began it anew.
STILL_ENDED = "#checkpoint = :end AND #counter = :counter"


class Lease(NamedTuple):
    """The right to read a shard, from behind its checkpoint on. `owner` is empty where nobody has it; each write moves `counter`."""

    shard: str
    owner: str
    counter: int
    checkpoint: str
    parents: tuple[str, ...]


class Leases:
    """The leases of one projector on one stream, as `owner` sees and takes them."""

    def __init__(
        self, client: "DynamoDBClient", table: str, projector: str, stream: str, owner: str, environment: Environment
    ) -> None:
        """Use a table that `create_leases_table` made. No two owners may have one name, not even one after the other."""
        self._client = client
        self._table = table
        self._prefix = f"{projector}/{stream}/"
        self._environment = environment
        self.owner = owner

    def all(self) -> Mapping[str, Lease]:
        """Give every lease by its shard, consistently.

        Raises:
            FeedUnavailable: the table was not reached; so do all below.
        """
        found: dict[str, Lease] = {}
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            "FilterExpression": "begins_with(#lease, :prefix)",
            "ExpressionAttributeNames": {"#lease": "lease"},
            "ExpressionAttributeValues": {":prefix": {"S": self._prefix}},
        }
        while True:
            page = self._asked(lambda: self._client.scan(**request))
            found |= {lease.shard: lease for lease in map(self._lease, page["Items"])}
            if "LastEvaluatedKey" not in page:
                return found
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def add(self, shard: Shard) -> None:
        """Make the lease of a shard that is new, unless another has."""
        item: dict[str, Any] = self._key(shard.id) | {"counter": {"N": "0"}, "checkpoint": {"S": TRIM_HORIZON}}
        if shard.parents:
            item["parents"] = {"SS": list(shard.parents)}
        names = {"#lease": "lease"}
        self._unless_refused(
            lambda: self._client.put_item(
                TableName=self._table, Item=item, ConditionExpression=IS_NEW, ExpressionAttributeNames=names
            )
        )

    def take(self, seen: Lease) -> Lease | None:
        """Make a lease one's own, whoever had it; None where it is no longer as it was seen."""
        return self._replaced(seen, seen._replace(owner=self.owner))

    def keep(self, mine: Lease, checkpoint: str) -> Lease | None:
        """Say that one goes on reading, and how far one has come; None where another has taken it: nothing was written."""
        return self._replaced(mine, mine._replace(checkpoint=checkpoint))

    def let_go(self, mine: Lease, checkpoint: str) -> None:
        """Leave a lease to whoever wants it, unless another has taken it already."""
        self._replaced(mine, mine._replace(owner="", checkpoint=checkpoint))

    def remove(self, ended: Lease) -> None:
        """Forget a shard whose end is checkpointed."""
        request: dict[str, Any] = {
            "Key": self._key(ended.shard),
            "ConditionExpression": STILL_ENDED,
            "ExpressionAttributeNames": {name: NAMES[name] for name in ("#counter", "#checkpoint")},
            "ExpressionAttributeValues": {":end": {"S": SHARD_END}, ":counter": {"N": str(ended.counter)}},
        }
        self._unless_refused(lambda: self._client.delete_item(TableName=self._table, **request))

    def _replaced(self, old: Lease, new: Lease) -> Lease | None:
        """Write `new` where `old` still stands; None where it does not."""
        written = new._replace(counter=old.counter + 1)
        error = self._unless_refused(lambda: self._client.update_item(**self._update(old, written)))
        if error is None:
            return written
        stands = self._lease(error.response.get("Item") or self._key(old.shard))  # type: ignore[arg-type] # the stubs lack it
        if stands.owner != self.owner:
            return None
        # Only this owner writes its name: an earlier try was done, and its answer lost.
        return stands if stands[3:] == written[3:] else self._replaced(stands, new)

    def _update(self, old: Lease, new: Lease) -> dict[str, Any]:
        values = {
            ":checkpoint": {"S": new.checkpoint},
            ":counter": {"N": str(old.counter)},
            ":next": {"N": str(new.counter)},
        }
        values |= {":was": {"S": old.owner}} if old.owner else {}
        values |= {":owner": {"S": new.owner}} if new.owner else {}
        owner = "SET #owner = :owner," if new.owner else "REMOVE #owner SET"
        return {
            "TableName": self._table,
            "Key": self._key(old.shard),
            "UpdateExpression": f"{owner} #checkpoint = :checkpoint, #counter = :next",
            "ConditionExpression": STILL_HELD if old.owner else STILL_FREE,
            "ExpressionAttributeNames": NAMES,
            "ExpressionAttributeValues": values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _unless_refused(self, request: Callable[[], object]) -> ClientError | None:
        """Do it; give the answer where its condition failed."""

        def done() -> ClientError | None:
            try:
                request()
            except ClientError as error:
                if code(error) == "ConditionalCheckFailedException":
                    return error
                raise
            return None

        return self._asked(done)

    def _asked(self, request: Callable[[], T]) -> T:
        return asked(self._environment, DYNAMODB, request)

    def _key(self, shard: str) -> dict[str, Any]:
        return {"lease": {"S": self._prefix + shard}}

    def _lease(self, item: dict[str, Any]) -> Lease:
        return Lease(
            item["lease"]["S"].removeprefix(self._prefix),
            item.get("owner", {}).get("S", ""),
            int(item.get("counter", {}).get("N", "0")),
            item.get("checkpoint", {}).get("S", TRIM_HORIZON),
            tuple(sorted(item.get("parents", {}).get("SS", ()))),
        )
