"""The event store on PostgreSQL in a process of its own, as several servers on one database would have it."""

import atexit

from adapters.postgres.connections import open_pool
from adapters.postgres.event_store import PostgresEventStore
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment


def store_at(url: str, budget_seconds: float = 60.0) -> PostgresEventStore:
    """Open a client of the database; it is closed with the process."""
    pool = open_pool(url, "a test", wait_seconds=30.0)
    atexit.register(pool.close)
    return PostgresEventStore(pool, JsonCodec(), system_environment(), budget_seconds)
