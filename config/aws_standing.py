"""How what a shop has on AWS is, for who looks at it: tables, stream, what fills it, who reads it."""

from adapters.aws.client import AWSProblem as StoreProblem
from adapters.dynamodb.standing import TableState, table_states
from adapters.kinesis.destination import Destination
from adapters.kinesis.leases import Leases
from adapters.kinesis.pages import Source
from adapters.kinesis.standing import ShardStanding, standings
from adapters.kinesis.stream import StreamState, check_stream, destination_state, stream_state
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from config.aws_parts import dynamodb_of, kinesis_of, names_of, tables_of
from config.settings import Settings

__all__ = ["ShardStanding", "StoreProblem", "destination", "shards_as_read", "stream", "stream_name", "tables"]


def tables(settings: Settings) -> list[TableState]:
    """Tell how the shop's tables are, with that of the leases.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    return table_states(dynamodb_of(settings), (*tables_of(settings), settings.dynamodb_leases_table_name))


def stream_name(settings: Settings) -> str:
    """Name the stream that projectors read."""
    return names_of(settings).stream


def stream(settings: Settings) -> StreamState:
    """Tell how the stream is.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    return stream_state(kinesis_of(settings), stream_name(settings))


def destination(settings: Settings) -> Destination:
    """Tell how what carries the changes of the events table to the stream is.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    return destination_state(dynamodb_of(settings), names_of(settings))


def shards_as_read(settings: Settings, projector: str) -> list[ShardStanding]:
    """Tell how far the workers of a projector have come in each shard, taking no part in the reading.

    Raises:
        StoreProblem: one sentence naming the setting.
        FeedUnavailable: Kinesis or DynamoDB does not answer, or Kinesis is asked too often.
    """
    kinesis, dynamodb, names, environment = (
        kinesis_of(settings),
        dynamodb_of(settings),
        names_of(settings),
        system_environment(),
    )
    check_stream(kinesis, dynamodb, names)  # first, as it names the setting
    source = Source(kinesis, names.stream, names.events, JsonCodec(), environment)
    return standings(source, Leases(dynamodb, names.leases, projector, names.stream, "", environment))
