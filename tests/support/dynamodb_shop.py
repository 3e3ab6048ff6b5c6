"""The shop's write side on DynamoDB in a process of its own, as several servers on one table would be."""

from adapters.dynamodb.client import dynamodb_client
from adapters.dynamodb.event_store import DynamoDBEventStore
from adapters.dynamodb.layout import Tables
from adapters.inmemory import InMemoryProjectionStore, InMemoryQueries
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.application.commands import Commands
from core.application.executor import Executor
from core.application.kept import KeptStates
from core.application.repository import Repository
from core.ports.event_store import EventStore


def store_at(endpoint: str, tables: Tables, budget_seconds: float = 60.0) -> DynamoDBEventStore:
    """Open a client of the tables."""
    client = dynamodb_client("ap-northeast-1", endpoint, credentials=("test", "test"), read_seconds=30.0)
    return DynamoDBEventStore(client, tables, JsonCodec(), system_environment(), budget_seconds)


def commands_on(store: EventStore, budget_seconds: float = 60.0) -> Commands:
    """Open the write side with its own kept states; nothing is projected."""
    environment, codec = system_environment(), JsonCodec()
    repository = Repository(store, codec, environment, kept=KeptStates())
    queries = InMemoryQueries(InMemoryProjectionStore(environment))
    return Commands(Executor(store, repository, queries, codec, environment, budget_seconds))
