"""The event store on DynamoDB and its change feed through Kinesis."""

from typing import TYPE_CHECKING, NamedTuple

from adapters.aws.client import AWSProblem as StoreProblem
from adapters.dynamodb.checks import check_tables
from adapters.dynamodb.client import dynamodb_client
from adapters.dynamodb.event_store import DynamoDBEventStore
from adapters.dynamodb.layout import Tables
from adapters.dynamodb.snapshot_store import DynamoDBSnapshotStore
from adapters.dynamodb.standing import TableState, table_states
from adapters.dynamodb.tables import create_tables
from adapters.kinesis.client import kinesis_client
from adapters.kinesis.destination import Destination
from adapters.kinesis.event_feed import KinesisEventFeed
from adapters.kinesis.leases import Leases
from adapters.kinesis.names import Names
from adapters.kinesis.pages import Source
from adapters.kinesis.preparing import prepare_stream
from adapters.kinesis.standing import ShardStanding, standings
from adapters.kinesis.stream import StreamState, check_stream, destination_state, stream_state
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from config.settings import Settings
from core.application.history import History
from core.ports.environment import Environment
from core.ports.events import Codec

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_kinesis.client import KinesisClient

__all__ = [
    "ShardStanding",
    "StoreProblem",
    "destination",
    "make_stream",
    "make_tables",
    "open_event_store",
    "open_feed",
    "open_history",
    "open_stores",
    "shards_as_read",
    "stream",
    "tables",
]


PATIENCE = 12.0
"""Seconds that a look at the history may take; nobody's command waits for it."""


class Stores(NamedTuple):
    """What DynamoDB keeps."""

    events: DynamoDBEventStore
    snapshots: DynamoDBSnapshotStore


def open_stores(settings: Settings, codec: Codec, environment: Environment, budget: float) -> Stores:
    """Open what the settings name; a request is tried again for `budget` seconds.

    Raises:
        StoreProblem: one sentence naming the setting: a missing or foreign table, an unreachable endpoint, wrong credentials.
    """
    tables = _tables(settings)
    check_tables(_dynamodb(settings), tables)
    # A request that is never answered must leave time for others; but an answer may take its time too.
    client = dynamodb_client(settings.dynamodb_region, settings.dynamodb_endpoint, read_seconds=max(budget / 4, 0.25))
    return Stores(
        DynamoDBEventStore(client, tables, codec, environment, budget),
        DynamoDBSnapshotStore(client, tables.snapshots, environment, budget),
    )


def open_feed(settings: Settings, projector: str, codec: Codec, environment: Environment) -> KinesisEventFeed:
    """Open a projector's view of the stream; it takes part in the reading from its first poll on.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    kinesis, dynamodb, names = _kinesis(settings), _dynamodb(settings), _names(settings)
    check_stream(kinesis, dynamodb, names)
    return KinesisEventFeed(kinesis, dynamodb, names, projector, codec, environment, environment.new_id())


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
    tables = _tables(settings)
    made = create_tables(_dynamodb(settings), tables, system_environment())
    return {name: name in made for name in tables}


def make_stream(settings: Settings, shards: int) -> dict[str, bool]:
    """Make what is missing of the stream, its leases' table, and what fills it; give each name and whether it was made now.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    names, dynamodb = _names(settings), _dynamodb(settings)
    check_tables(dynamodb, _tables(settings))  # first, so that no stream is made that nothing flows into
    made = prepare_stream(_kinesis(settings), dynamodb, names, system_environment(), shards)
    return {name: name in made for name in (names.stream, names.leases)}


def tables(settings: Settings) -> list[TableState]:
    """Tell how the shop's tables are, with that of the leases.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    return table_states(_dynamodb(settings), (*_tables(settings), settings.dynamodb_leases_table_name))


def stream(settings: Settings) -> StreamState:
    """Tell how the stream is.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    return stream_state(_kinesis(settings), settings.kinesis_stream_name)


def destination(settings: Settings) -> Destination:
    """Tell how what carries the changes of the events table to the stream is.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    return destination_state(_dynamodb(settings), _names(settings))


def shards_as_read(settings: Settings, projector: str) -> list[ShardStanding]:
    """Tell how far the workers of a projector have come in each shard, taking no part in the reading.

    Raises:
        StoreProblem: one sentence naming the setting.
        FeedUnavailable: Kinesis or DynamoDB does not answer, or Kinesis is asked too often.
    """
    kinesis, dynamodb, names, environment = (
        _kinesis(settings),
        _dynamodb(settings),
        _names(settings),
        system_environment(),
    )
    check_stream(kinesis, dynamodb, names)  # first, as it names the setting
    source = Source(kinesis, names.stream, names.events, JsonCodec(), environment)
    return standings(source, Leases(dynamodb, names.leases, projector, names.stream, "", environment))


def _dynamodb(settings: Settings) -> "DynamoDBClient":
    return dynamodb_client(settings.dynamodb_region, settings.dynamodb_endpoint)


def _kinesis(settings: Settings) -> "KinesisClient":
    return kinesis_client(settings.dynamodb_region, settings.kinesis_endpoint)


def _tables(settings: Settings) -> Tables:
    return Tables(
        settings.dynamodb_table_name, settings.dynamodb_snapshot_table_name, settings.dynamodb_claims_table_name
    )


def _names(settings: Settings) -> Names:
    return Names(settings.kinesis_stream_name, settings.dynamodb_table_name, settings.dynamodb_leases_table_name)
