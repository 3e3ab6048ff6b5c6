"""The change feed through Kinesis for the contract suites: a store on DynamoDB, its stream and its leases, on a running server."""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from adapters.kinesis.client import kinesis_client
from adapters.kinesis.event_feed import KinesisEventFeed
from adapters.kinesis.event_publisher import KinesisEventPublisher
from adapters.kinesis.leases import Leases
from adapters.kinesis.names import Names
from adapters.kinesis.preparing import prepare_stream
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.ports.environment import Environment
from core.ports.event_feed import Delivery, Doorbell, EventFeed
from core.ports.event_store import EventStore
from tests.contract.dynamodb_harness import DynamoDBHarness, client_of
from tests.contract.mutants.kinesis_package import module
from tests.support.faulty_proxy import faulty_proxy
from tests.support.hostile_feed import HostileFeed
from tests.support.kinesis_proxy import kinesis_proxy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_kinesis.client import KinesisClient


PROJECTOR = "projector"
"""The consumer that a worker works for, unless it is told otherwise."""


def kinesis_of(endpoint: str, read_seconds: float = 60.0) -> "KinesisClient":
    """Give a client of a local server; how busy the machine is must not decide a test, so it waits long."""
    return kinesis_client(
        "ap-northeast-1", endpoint, credentials=("test", "test"), connect_seconds=60.0, read_seconds=read_seconds
    )


def short(shard: str) -> str:
    """Give the number of a shard."""
    return str(int(shard.rpartition("-")[2]))


def rung(deliveries: Sequence[Delivery]) -> list[tuple[str, int]]:
    """Give the stream and version of each doorbell."""
    assert all(isinstance(delivery, Doorbell) for delivery in deliveries)
    return [(doorbell.stream, doorbell.version) for doorbell in deliveries if isinstance(doorbell, Doorbell)]


class Clock:
    """A process' own clock, which moves when the process sleeps and when a test says so, however busy the machine is."""

    def __init__(self) -> None:
        """Begin anywhere: no two processes' clocks say the same."""
        self._seconds = Random().uniform(0, 1e6)

    def pass_by(self, seconds: float) -> None:
        """Let so much time pass."""
        self._seconds += seconds

    @property
    def environment(self) -> Environment:
        """The system's, with this clock and with pauses that are never shortened by chance."""
        return replace(
            system_environment(), monotonic=lambda: self._seconds, sleep=self.pass_by, jitter=lambda most: most
        )


class KinesisFeeds:
    """Feeds of a store whose table streams to a stream of its own; they read it through a proxy, and their leases through another.

    Not `filled_by_table`, the stream has only what a publisher puts there.
    """

    def __init__(self, endpoint: str, shards: int = 2, *, filled_by_table: bool = True) -> None:
        """Make table, stream and leases."""
        self._filled_by_table = filled_by_table
        self._open = ExitStack()
        self.dynamodb = DynamoDBHarness.open(endpoint)
        self._open.callback(self.dynamodb.close)
        self.store: EventStore = self.dynamodb.another()
        self.direct = self._client(kinesis_of(endpoint))
        test = uuid4().hex
        self.names = Names(f"stream-{test}", self.dynamodb.tables.events, f"leases-{test}")
        prepare_stream(
            self.direct, self.dynamodb.direct, self.names, system_environment(), shards, filled_by_table=filled_by_table
        )
        self.proxy = self._open.enter_context(kinesis_proxy(endpoint))
        self.kinesis = self._client(kinesis_of(self.proxy.endpoint))
        self.leases_proxy = self._open.enter_context(faulty_proxy(endpoint))
        self.leases_client = client_of(self.leases_proxy.endpoint)
        self._open.callback(self.leases_client.close)
        self._feeds = 0

    def _client(self, client: "KinesisClient") -> "KinesisClient":
        self._open.callback(client.close)
        return client

    def close(self) -> None:
        """Take stream and tables away."""
        self.direct.delete_stream(StreamName=self.names.stream)
        self.dynamodb.direct.delete_table(TableName=self.names.leases)
        self._open.close()

    def feed(self, seed: int = 1) -> EventFeed:
        """Delay, repeat and reorder by the seed."""
        return HostileFeed(self.calm_feed(), Random(seed), lambda doorbell: doorbell)

    def calm_feed(self) -> KinesisEventFeed:
        """Give another consumer's view."""
        self._feeds += 1
        return self.worker(f"consumer-{self._feeds}")

    def started_again(self, feed: EventFeed) -> KinesisEventFeed:
        """Give the last consumer's view once more."""
        cast("KinesisEventFeed", feed).close()
        return self.worker(f"consumer-{self._feeds}")

    def worker(
        self,
        projector: str = PROJECTOR,
        environment: Environment | None = None,
        kinesis: "KinesisClient | None" = None,
        leases: "DynamoDBClient | None" = None,
    ) -> KinesisEventFeed:
        """Give the view of this consumer, as a process has it that starts."""
        feed: KinesisEventFeed = module("event_feed").KinesisEventFeed(
            kinesis or self.kinesis,
            leases or self.leases_client,
            self.names,
            projector,
            JsonCodec(),
            environment or system_environment(),
            owner=uuid4().hex,
            filled_by_table=self._filled_by_table,
        )
        return feed

    def publisher(self, budget: float) -> KinesisEventPublisher:
        """Give what publishes into the stream as its table's own feed would, through the proxy."""
        return KinesisEventPublisher(
            self.kinesis, self.names.stream, self.names.events, JsonCodec(), system_environment(), budget
        )

    def leases(self, projector: str = PROJECTOR, owner: str = "a test") -> Leases:
        """Give the leases of this consumer, to be looked at or taken."""
        leases: Leases = module("leases").Leases(
            self.dynamodb.direct, self.names.leases, projector, self.names.stream, owner, system_environment()
        )
        return leases

    def checkpoints(self) -> dict[str, str]:
        """Give how far each shard is dealt with, by the last digits of its number."""
        return {short(lease.shard): lease.checkpoint for lease in self.leases().all().values()}

    def owners(self) -> Counter[str]:
        """Give how many shards each owner has."""
        return Counter(lease.owner for lease in self.leases().all().values() if lease.owner)

    def shards(self) -> list[str]:
        """Give the ids of the stream's shards, those that the proxy hides too."""
        return [shard["ShardId"] for shard in self.direct.list_shards(StreamName=self.names.stream)["Shards"]]

    def records_of(self, shard: str) -> list[bytes]:
        """Give the data of the shard's records, as they are."""
        begin = self.direct.get_shard_iterator(
            StreamName=self.names.stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )
        page = self.direct.get_records(ShardIterator=begin["ShardIterator"], Limit=1000)
        return [record["Data"] for record in page["Records"]]

    def ring(self, shard: int, stream: str, *versions: int, kind: str = "INSERT", table: str = "") -> list[str]:
        """Put records of this stream into one shard, as AWS writes them; give their sequence numbers."""
        (begin,) = (
            each["HashKeyRange"]["StartingHashKey"]
            for each in self.direct.list_shards(StreamName=self.names.stream)["Shards"]
            if int(short(each["ShardId"])) == shard
        )
        numbers = []
        for version in versions:
            keys = {"aggregate_id": {"S": stream}, "version": {"N": str(version)}}
            record = {"eventName": kind, "tableName": table or self.names.events, "dynamodb": {"Keys": keys}}
            answer = self.direct.put_record(
                StreamName=self.names.stream,
                Data=json.dumps(record).encode(),
                PartitionKey="any",
                ExplicitHashKey=begin,
            )
            numbers.append(answer["SequenceNumber"])
        return numbers

    def lose_images_of(self, stream: str) -> None:
        """Take the image out of the stream's records on their way."""

        def damage(record: dict[str, Any]) -> None:
            if record["dynamodb"]["Keys"]["aggregate_id"] == {"S": stream}:
                del record["dynamodb"]["NewImage"]

        self.proxy.damage.append(damage)

    def lose_keys_of(self, stream: str) -> None:
        """Take the keys out of the stream's records on their way."""

        def damage(record: dict[str, Any]) -> None:
            if record["dynamodb"]["Keys"].get("aggregate_id") == {"S": stream}:
                record["dynamodb"]["Keys"] = {}

        self.proxy.damage.append(damage)
