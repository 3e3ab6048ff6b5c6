"""The event store on DynamoDB and its change feed through Kinesis."""

from typing import NamedTuple

from adapters.aws.client import AWSProblem as StoreProblem
from adapters.dynamodb.checks import check_tables
from adapters.dynamodb.client import dynamodb_client
from adapters.dynamodb.event_store import DynamoDBEventStore
from adapters.dynamodb.outbox import DynamoDBOutbox
from adapters.dynamodb.snapshot_store import DynamoDBSnapshotStore
from adapters.dynamodb.tables import create_tables
from adapters.kinesis.event_feed import KinesisEventFeed
from adapters.kinesis.event_publisher import READ_SECONDS, KinesisEventPublisher
from adapters.kinesis.preparing import prepare_stream
from adapters.kinesis.stream import check_stream
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from config.aws_parts import dynamodb_of, kinesis_of, names_of, tables_of
from config.settings import Settings
from core.application.history import History
from core.ports.environment import Environment
from core.ports.events import Codec

__all__ = [
    "StoreProblem",
    "make_stream",
    "make_tables",
    "open_event_store",
    "open_feed",
    "open_history",
    "open_publisher",
    "open_stores",
]


PATIENCE = 12.0
"""Seconds that a look at the history may take; nobody's command waits for it."""


class Stores(NamedTuple):
    """What DynamoDB keeps."""

    events: DynamoDBEventStore
    snapshots: DynamoDBSnapshotStore
    outbox: DynamoDBOutbox


def open_stores(settings: Settings, codec: Codec, environment: Environment, budget: float) -> Stores:
    """Open what the settings name; a request is tried again for `budget` seconds.

    Raises:
        StoreProblem: one sentence naming the setting: a missing or foreign table, an unreachable endpoint, wrong credentials.
    """
    tables = tables_of(settings)
    check_tables(dynamodb_of(settings), tables)
    # A request that is never answered must leave time for others; but an answer may take its time too.
    client = dynamodb_client(settings.dynamodb_region, settings.dynamodb_endpoint, read_seconds=max(budget / 4, 0.25))
    return Stores(
        DynamoDBEventStore(client, tables, codec, environment, budget, outbox=settings.delivery == "outbox"),
        DynamoDBSnapshotStore(client, tables.snapshots, environment, budget),
        DynamoDBOutbox(client, tables.events, codec, environment, budget),
    )


def open_feed(settings: Settings, projector: str, codec: Codec, environment: Environment) -> KinesisEventFeed:
    """Open a projector's view of the stream; it takes part in the reading from its first poll on.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    kinesis, dynamodb, names = kinesis_of(settings), dynamodb_of(settings), names_of(settings)
    check_stream(kinesis, dynamodb, names)
    by_table = settings.delivery == "cdc"
    return KinesisEventFeed(
        kinesis, dynamodb, names, projector, codec, environment, environment.new_id(), filled_by_table=by_table
    )


def open_publisher(settings: Settings, codec: Codec, environment: Environment) -> KinesisEventPublisher:
    """Open the way into the stream that is published into.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    kinesis, names = kinesis_of(settings, READ_SECONDS), names_of(settings)
    check_stream(kinesis, dynamodb_of(settings), names)
    return KinesisEventPublisher(kinesis, names.stream, names.events, codec, environment)


def open_event_store(settings: Settings) -> DynamoDBEventStore:
    """Open the store that the settings name.

    Raises:
        StoreProblem: as `open_stores`.
    """
    return open_stores(settings, JsonCodec(), system_environment(), settings.commit_budget).events


def open_history(settings: Settings) -> History:
    """Open the events that the settings name, for looking at.

    Raises:
        StoreProblem: as `open_stores`.
    """
    codec = JsonCodec()
    return History(open_stores(settings, codec, system_environment(), PATIENCE).events, codec)


def make_tables(settings: Settings) -> dict[str, bool]:
    """Make the tables that are missing; give each table's name and whether it was made now.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    tables = tables_of(settings)
    made = create_tables(dynamodb_of(settings), tables, system_environment())
    return {name: name in made for name in tables}


def make_stream(settings: Settings, shards: int) -> dict[str, bool]:
    """Make what is missing of the stream, its leases' table, and what fills it; give each name and whether it was made now.

    Where events are published, it is the stream that they are published into, and nothing else fills it.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    names, dynamodb = names_of(settings), dynamodb_of(settings)
    check_tables(dynamodb, tables_of(settings))  # first, so that no stream is made that nothing flows into
    by_table = settings.delivery == "cdc"
    made = prepare_stream(kinesis_of(settings), dynamodb, names, system_environment(), shards, filled_by_table=by_table)
    return {name: name in made for name in (names.stream, names.leases)}
