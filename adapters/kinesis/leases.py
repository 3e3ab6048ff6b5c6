"""Who reads which shard, and how far it has come: one item a shard in a DynamoDB table that all workers of a projector share."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from adapters.aws.failures import code
from adapters.aws.services import DYNAMODB
from adapters.kinesis.asking import T, asked
from adapters.kinesis.lease import Lease, lease_of, new_lease, putting, removing, replacing
from adapters.kinesis.shards import Shard
from core.ports.environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class Leases:
    """The leases of one projector on one stream, as `owner` sees and takes them. Each call may raise FeedUnavailable."""

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
        """Give every lease by its shard, consistently."""
        found: dict[str, Lease] = {}
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            "FilterExpression": "begins_with(lease, :prefix)",
            "ExpressionAttributeValues": {":prefix": {"S": self._prefix}},
        }
        while True:
            page = self._asked(partial(self._client.scan, **request))
            leases = [lease_of(item, self._prefix) for item in page["Items"]]
            found |= {lease.shard: lease for lease in leases}
            if "LastEvaluatedKey" not in page:
                return found
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def add(self, shard: Shard) -> Lease:
        """Give the lease of a shard that is new, making it unless another has."""
        lease = new_lease(shard)
        self._refused(self._client.put_item, **putting(lease, self._key(shard.id)))
        return lease

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
        self._refused(self._client.delete_item, Key=self._key(ended.shard), **removing(ended))

    def _replaced(self, old: Lease, new: Lease) -> Lease | None:
        """Write `new` where `old` still stands; None where it does not."""
        written = new._replace(counter=old.counter + 1)
        key = self._key(old.shard)
        refusal = self._refused(self._client.update_item, Key=key, **replacing(old, written))
        if refusal is None:
            return written
        stands = lease_of({**key, **refusal.get("Item", {})}, self._prefix)
        if stands.owner != self.owner:
            return None
        # Only this owner writes its name: an earlier try was done, and its answer lost.
        return stands if stands.checkpoint == written.checkpoint else self._replaced(stands, new)

    def _refused(self, call: Callable[..., object], **request: object) -> dict[str, Any] | None:
        """Do it; give the answer where its condition failed."""

        def done() -> dict[str, Any] | None:
            try:
                call(TableName=self._table, **request)
            except ClientError as error:
                if code(error) == "ConditionalCheckFailedException":
                    return dict(error.response)
                raise
            return None

        return self._asked(done)

    def _asked(self, request: Callable[[], T]) -> T:
        return asked(self._environment, DYNAMODB, request)

    def _key(self, shard: str) -> dict[str, Any]:
        return {"lease": {"S": self._prefix + shard}}
