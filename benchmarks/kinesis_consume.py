"""Reading the change feed through Kinesis: one worker, leases and checkpoints included, beside nothing but asking for the records.

Both read the same records of one shard of an emulator, in pages of as many. They are what the emulator makes of events that are written to
its table: about a kilobyte of JSON each.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec

from adapters.dynamodb.items import event_item
from adapters.dynamodb.layout import Tables
from adapters.dynamodb.tables import create_tables
from adapters.kinesis.client import kinesis_client
from adapters.kinesis.event_feed import KinesisEventFeed
from adapters.kinesis.leases import Leases
from adapters.kinesis.names import Names
from adapters.kinesis.pages import PAGE
from adapters.kinesis.preparing import prepare_stream
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from benchmarks.aws_shop import client_of, emulator
from benchmarks.busy_shop import BusyShop
from benchmarks.figures import Benchmark, Effort, Row, Sides
from core.ports.event_feed import Doorbell

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_kinesis.client import KinesisClient

RECORDS = 5_000

BATCH = 25
"""Items that one BatchWriteItem takes."""

POLLED = 500
"""Deliveries at once, as the shop's projector takes them."""

TABLES = Tables("events", "snapshots", "claims")
NAMES = Names("ec-events", TABLES.events, "leases")


def fill(dynamodb: "DynamoDBClient", doorbells: list[Doorbell]) -> None:
    """Write their events to the table."""
    events = [doorbell.event for doorbell in doorbells if doorbell.event]
    items = [event_item(event, msgspec.json.encode(event.metadata).decode()) for event in events]
    for begin in range(0, len(items), BATCH):
        requests: Any = {TABLES.events: [{"PutRequest": {"Item": item}} for item in items[begin : begin + BATCH]]}
        assert not dynamodb.batch_write_item(RequestItems=requests)["UnprocessedItems"]


def consume(feed: KinesisEventFeed, ids: set[str]) -> float:
    """Poll and acknowledge until all are dealt with; give records a second."""
    seen = set[str]()
    began = perf_counter()
    while len(seen) < len(ids):
        deliveries = feed.poll(POLLED)
        seen.update(each.event.id for each in deliveries if isinstance(each, Doorbell) and each.event)
        feed.acknowledge(deliveries)
    seconds = perf_counter() - began
    assert seen == ids
    return len(ids) / seconds


def read(kinesis: "KinesisClient", ids: set[str]) -> float:
    """Ask for pages and decode their records until all are there; give records a second."""
    read = set[str]()
    began = perf_counter()
    (shard,) = kinesis.list_shards(StreamName=NAMES.stream)["Shards"]
    iterator = kinesis.get_shard_iterator(
        StreamName=NAMES.stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    while len(read) < len(ids):
        page = kinesis.get_records(ShardIterator=iterator, Limit=PAGE)
        read.update(json.loads(record["Data"])["dynamodb"]["NewImage"]["id"]["S"] for record in page["Records"])
        iterator = page["NextShardIterator"]
    seconds = perf_counter() - began
    assert read == ids
    return len(ids) / seconds


def newest_record(kinesis: "KinesisClient", count: int) -> str:
    """Give the sequence number of the last of so many records, which is the checkpoint of who has dealt with all."""
    (shard,) = kinesis.list_shards(StreamName=NAMES.stream)["Shards"]
    iterator = kinesis.get_shard_iterator(
        StreamName=NAMES.stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    numbers: list[str] = []
    while len(numbers) < count:
        page = kinesis.get_records(ShardIterator=iterator, Limit=PAGE)
        numbers += [record["SequenceNumber"] for record in page["Records"]]
        iterator = page["NextShardIterator"]
    return numbers[-1]


@contextmanager
def _sides(effort: Effort) -> Iterator[Sides]:
    environment, codec, workers = system_environment(), JsonCodec(), count()
    with emulator() as endpoint:
        dynamodb = client_of(endpoint)
        kinesis = kinesis_client("ap-northeast-1", endpoint, credentials=("test", "test"), read_seconds=60.0)
        create_tables(dynamodb, TABLES, environment)
        prepare_stream(kinesis, dynamodb, NAMES, environment)
        doorbells = BusyShop().doorbells(max(2 * PAGE, effort.of(RECORDS)))
        fill(dynamodb, doorbells)
        ids = {doorbell.position for doorbell in doorbells}
        newest = newest_record(kinesis, len(ids))

        def ours() -> tuple[float]:
            worker = f"worker-{next(workers)}"  # of a projector of its own, which begins at the beginning
            feed = KinesisEventFeed(kinesis, dynamodb, NAMES, worker, codec, environment, worker)
            try:
                figure = consume(feed, ids)
                (lease,) = Leases(dynamodb, NAMES.leases, worker, NAMES.stream, "", environment).all().values()
                assert lease.checkpoint == newest
                return (figure,)
            finally:
                feed.close()

        yield Sides(ours, lambda: (read(kinesis, ids),))


BENCHMARKS = (
    Benchmark(
        (Row("kinesis-consume", "records/s", target=0.5, more_is_better=True),), "get_records and json.loads", _sides
    ),
)
