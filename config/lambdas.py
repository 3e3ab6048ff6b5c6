"""The projector's Lambda, wired by a plain function: a cold start pays for every import, so it has psycopg, the codec, and nothing more."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from adapters.kinesis.records import Carried, decode
from adapters.postgres.connections import PostgresProblem, open_pool
from adapters.postgres.projection import PostgresProjectionStore
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.delivery.consumer import Consumer
from core.ports.environment import Environment
from core.ports.event_store import EventStore, StoreUnavailable
from core.ports.events import Codec
from core.projections.rows import FOLDS, READ_MODELS, RowFold

DEFAULTS = {
    "DYNAMODB_TABLE_NAME": "events",
    "DYNAMODB_SNAPSHOT_TABLE_NAME": "snapshots",
    "DYNAMODB_CLAIMS_TABLE_NAME": "claims",
    "DYNAMODB_REGION": "ap-northeast-1",
    "DYNAMODB_ENDPOINT": "",
}
"""Those of `config.settings`, which loads pydantic."""

PATIENCE = 12.0
"""Seconds that a read of the event store may take: the batch comes again, nobody waits for an answer."""

CONNECTIONS = 2
"""An instance deals with one batch at a time."""


class WrongVariable(Exception):
    """A variable of the function cannot be used; the text is a sentence that names it."""


class Projecting(NamedTuple):
    """What a Lambda on the change feed needs: a projector's consumer, what reads a record's data, and the environment."""

    projector: str
    consumer: Consumer
    read: Callable[[bytes, str], Carried | None]
    environment: Environment


def read_models(variables: Mapping[str, str]) -> Projecting:
    """Wire the projector of the read models.

    Raises:
        WrongVariable: DATABASE_URL is missing or cannot be meant.
    """
    environment, codec = system_environment(), JsonCodec()
    named = {name: variables.get(name) or default for name, default in DEFAULTS.items()}
    if not variables.get("DATABASE_URL"):
        raise WrongVariable("DATABASE_URL must name the PostgreSQL that holds the rows.")
    try:
        pool = open_pool(variables["DATABASE_URL"], "ecshop projector", most=CONNECTIONS)
    except PostgresProblem as problem:
        raise WrongVariable(str(problem)) from None
    consumer = Consumer(
        _OnDemand(lambda: _event_store(named, codec, environment)),
        PostgresProjectionStore(pool, environment, READ_MODELS),
        {FOLDS: RowFold(codec)},
        environment,
    )
    return Projecting(READ_MODELS, consumer, reader(named["DYNAMODB_TABLE_NAME"], codec), environment)


def reader(table: str, codec: Codec) -> Callable[[bytes, str], Carried | None]:
    """Give what reads the data of a change record of this table, at a position of the feed."""
    return lambda data, position: decode(data, table, codec, position)


class _OnDemand:
    """An event store that is opened at its first use: a batch without a gap never reads it, and so never loads boto3."""

    def __init__(self, make: Callable[[], EventStore]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        self.__dict__["_store"] = store = self.__dict__.get("_store") or self._make()
        return getattr(store, name)


def _event_store(named: Mapping[str, str], codec: JsonCodec, environment: Environment) -> EventStore:
    from adapters.aws.client import AWSProblem
    from adapters.dynamodb.client import dynamodb_client
    from adapters.dynamodb.event_store import DynamoDBEventStore
    from adapters.dynamodb.layout import Tables

    try:
        client = dynamodb_client(named["DYNAMODB_REGION"], named["DYNAMODB_ENDPOINT"])
    except AWSProblem as problem:  # it may be mended while the batch waits
        raise StoreUnavailable(str(problem)) from problem
    tables = Tables(
        named["DYNAMODB_TABLE_NAME"], named["DYNAMODB_SNAPSHOT_TABLE_NAME"], named["DYNAMODB_CLAIMS_TABLE_NAME"]
    )
    return DynamoDBEventStore(client, tables, codec, environment, PATIENCE)
