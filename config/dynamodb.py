"""The event store on DynamoDB, for the commands that ask it directly."""

from adapters.aws.client import AWSProblem as StoreProblem
from adapters.dynamodb.checks import check_tables
from adapters.dynamodb.client import dynamodb_client
from adapters.dynamodb.event_store import DynamoDBEventStore
from adapters.dynamodb.layout import Tables
from adapters.dynamodb.tables import create_tables
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from config.settings import Settings
from core.application.history import History

__all__ = ["StoreProblem", "make_tables", "open_event_store", "open_history"]


PATIENCE = 12.0
"""Seconds that a look at the history may take; nobody's command waits for it."""


def open_event_store(settings: Settings) -> DynamoDBEventStore:
    """Open the store that the settings name.

    Raises:
        StoreProblem: one sentence naming the setting: a missing or foreign table, an unreachable endpoint, wrong credentials.
    """
    return _open(settings, settings.commit_budget)


def open_history(settings: Settings) -> History:
    """Open the events that the settings name, for looking at.

    Raises:
        StoreProblem: as `open_event_store`.
    """
    return History(_open(settings, PATIENCE), JsonCodec())


def _open(settings: Settings, budget: float) -> DynamoDBEventStore:
    check_tables(dynamodb_client(settings.dynamodb_region, settings.dynamodb_endpoint), _tables(settings))
    # A request that is never answered must leave time for others; but an answer may take its time too.
    read_seconds = max(budget / 4, 0.25)
    client = dynamodb_client(settings.dynamodb_region, settings.dynamodb_endpoint, read_seconds=read_seconds)
    return DynamoDBEventStore(client, _tables(settings), JsonCodec(), system_environment(), budget)


def make_tables(settings: Settings) -> dict[str, bool]:
    """Make the tables that are missing; give each table's name and whether it was made now.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    tables = _tables(settings)
    client = dynamodb_client(settings.dynamodb_region, settings.dynamodb_endpoint)
    made = create_tables(client, tables, system_environment())
    return {name: name in made for name in tables}


def _tables(settings: Settings) -> Tables:
    return Tables(
        settings.dynamodb_table_name, settings.dynamodb_snapshot_table_name, settings.dynamodb_claims_table_name
    )
