"""Where the readers of a stream stand, looked at from outside: whoever looks reads one record a shard, and takes no part."""

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from adapters.aws.services import KINESIS
from adapters.kinesis.asking import asked
from adapters.kinesis.leases import SHARD_END, TRIM_HORIZON, Leases
from adapters.kinesis.names import Names
from adapters.kinesis.shards import Shard, shards_of
from core.ports.environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_kinesis.client import KinesisClient

PAGES = 5
"""Pages that are looked at for the next record: between two records, Kinesis gives empty ones."""


class ShardStanding(NamedTuple):
    """How far a projector has come in a shard.

    `owner` reads it, empty where nobody does; `checkpoint` is a sequence number, TRIM_HORIZON or SHARD_END; `behind_seconds` is the age of
    the oldest record beyond it.
    """

    shard: str
    is_open: bool
    owner: str
    checkpoint: str
    behind_seconds: float


def standings(
    kinesis: "KinesisClient", dynamodb: "DynamoDBClient", names: Names, projector: str, environment: Environment
) -> list[ShardStanding]:
    """Tell of each shard of the stream.

    Raises:
        FeedUnavailable: Kinesis or DynamoDB was not reached, or there is no such stream or table.
    """
    leases = Leases(dynamodb, names.leases, projector, names.stream, "", environment).all()
    found = []
    for shard in shards_of(environment, kinesis, names.stream).values():
        lease = leases.get(shard.id)
        checkpoint = lease.checkpoint if lease else TRIM_HORIZON
        behind = 0.0 if checkpoint == SHARD_END else _behind(kinesis, names.stream, shard, checkpoint, environment)
        found.append(ShardStanding(shard.id, shard.is_open, lease.owner if lease else "", checkpoint, behind))
    return found


def _behind(kinesis: "KinesisClient", stream: str, shard: Shard, checkpoint: str, environment: Environment) -> float:
    where: dict[str, Any] = {"ShardIteratorType": TRIM_HORIZON}
    if checkpoint != TRIM_HORIZON:
        where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": checkpoint}
    begin = partial(kinesis.get_shard_iterator, StreamName=stream, ShardId=shard.id, **where)
    iterator = asked(environment, KINESIS, begin)["ShardIterator"]
    behind = 0.0
    for _ in range(PAGES):
        page = asked(environment, KINESIS, partial(kinesis.get_records, ShardIterator=iterator, Limit=1))
        if page["Records"]:
            age = environment.now() - page["Records"][0]["ApproximateArrivalTimestamp"]
            return max(age.total_seconds(), 0.0)
        behind = page.get("MillisBehindLatest", 0) / 1_000
        iterator = page.get("NextShardIterator", "")
        if not behind or not iterator:
            return 0.0
    return behind
