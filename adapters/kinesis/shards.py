"""The shards of a stream, and which came out of which."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from adapters.aws.services import KINESIS
from adapters.kinesis.asking import asked
from core.ports.environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient


class Shard(NamedTuple):
    """A shard; it is listed until its last record is past retention, also when it was split or merged into others."""

    id: str
    parents: tuple[str, ...]


def shards_of(environment: Environment, client: "KinesisClient", stream: str) -> Mapping[str, Shard]:
    """List all shards of the stream by their ids.

    Raises:
        FeedUnavailable: Kinesis was not reached, or there is no such stream.
    """
    found: dict[str, Shard] = {}
    request: dict[str, Any] = {"StreamName": stream}
    while True:
        page = asked(environment, KINESIS, partial(client.list_shards, **request))
        found |= {shard["ShardId"]: _shard(dict(shard)) for shard in page["Shards"]}
        if "NextToken" not in page:
            return found
        request = {"NextToken": page["NextToken"]}  # it names the stream, and nothing may be beside it


def _shard(described: dict[str, Any]) -> Shard:
    parents = (described.get("ParentShardId"), described.get("AdjacentParentShardId"))
    return Shard(described["ShardId"], tuple(filter(None, parents)))
