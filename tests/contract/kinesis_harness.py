"""The change feed through Kinesis for the contract suites: a store on DynamoDB, its stream and its leases, on a running server."""

from contextlib import ExitStack
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from adapters.kinesis.client import kinesis_client
from adapters.kinesis.event_feed import KinesisEventFeed
from adapters.kinesis.names import Names
from adapters.kinesis.stream import prepare_stream
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.ports.environment import Environment
from core.ports.event_feed import EventFeed
from core.ports.event_store import EventStore
from tests.contract.dynamodb_harness import DynamoDBHarness, client_of
from tests.support.faulty_proxy import faulty_proxy
from tests.support.hostile_feed import HostileFeed
from tests.support.kinesis_proxy import kinesis_proxy

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient


def kinesis_of(endpoint: str, read_seconds: float = 60.0) -> "KinesisClient":
    """Give a client of a local server; how busy the machine is must not decide a test, so it waits long."""
    return kinesis_client(
        "ap-northeast-1", endpoint, credentials=("test", "test"), connect_seconds=60.0, read_seconds=read_seconds
    )


class KinesisFeeds:
    """Feeds of a store whose table streams to a stream of its own; they read it through a proxy, and their leases through another."""

    def __init__(self, endpoint: str, shards: int = 2) -> None:
        """Make table, stream and leases."""
        self._open = ExitStack()
        self.dynamodb = DynamoDBHarness.open(endpoint)
        self._open.callback(self.dynamodb.close)
        self.store: EventStore = self.dynamodb.another()
        self.direct = self._client(kinesis_of(endpoint))
        test = uuid4().hex
        self.names = Names(f"stream-{test}", self.dynamodb.tables.events, f"leases-{test}")
        prepare_stream(self.direct, self.dynamodb.direct, self.names, system_environment(), shards)
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
        return self.feed_of(f"consumer-{self._feeds}")

    def feed_of(self, projector: str, environment: Environment | None = None) -> KinesisEventFeed:
        """Give the view of this consumer, as a worker has it that starts."""
        return KinesisEventFeed(
            self.kinesis,
            self.leases_client,
            self.names,
            projector,
            JsonCodec(),
            environment or replace(system_environment()),
            owner=uuid4().hex,
        )

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
