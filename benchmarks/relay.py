"""What one relay publishes and unmarks in a second, of a backlog on DynamoDB and on PostgreSQL; the broker is in memory and costs nothing.

A backlog is of streams of four events each, as an hour without a broker leaves them.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from time import perf_counter

from adapters.dynamodb.event_store import DynamoDBEventStore
from adapters.dynamodb.layout import Tables
from adapters.dynamodb.outbox import DynamoDBOutbox
from adapters.dynamodb.tables import create_tables
from adapters.inmemory import InMemoryBroker, InMemoryEventPublisher
from adapters.postgres.connections import open_pool
from adapters.postgres.event_store import PostgresEventStore
from adapters.postgres.outbox import PostgresOutbox
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from benchmarks.aws_shop import client_of, emulator
from benchmarks.figures import Benchmark, Effort, Row, Sides
from core.delivery.relay import Relay
from core.ports.event_store import EventStore
from core.ports.outbox import Outbox
from entrypoints.stack.embedded_postgres import embedded_postgres
from tests.support.commits import append, commit_of, stock_added
from tests.support.postgres_databases import fresh_database, hasty, templated

STREAMS = 500
EVENTS = 4
"""Of each stream."""

AT_ONCE = 20
"""Streams that one commit writes."""

TABLES = Tables("events", "snapshots", "claims")


def _on_dynamodb(stack: ExitStack) -> tuple[EventStore, Outbox]:
    environment, codec = system_environment(), JsonCodec()
    client = client_of(stack.enter_context(emulator()))
    create_tables(client, TABLES, environment)
    store = DynamoDBEventStore(client, TABLES, codec, environment, 60.0, outbox=True)
    return store, DynamoDBOutbox(client, TABLES.events, codec, environment, 60.0)


def _on_postgres(stack: ExitStack) -> tuple[EventStore, Outbox]:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-"))
    server = stack.enter_context(templated(stack.enter_context(embedded_postgres(Path(folder)))))
    hasty(server)
    pool = stack.enter_context(open_pool(stack.enter_context(fresh_database(server)), "benchmark"))
    store = PostgresEventStore(pool, JsonCodec(), system_environment(), 60.0, outbox=True)
    return store, PostgresOutbox(pool, JsonCodec())


def backlog(store: EventStore, number: int, streams: int) -> int:
    """Leave marks on new streams; tell how many."""
    names = [f"run-{number}-{each}" for each in range(streams)]
    for begin in range(0, streams, AT_ONCE):
        appends = [append(name, 0, *[stock_added()] * EVENTS) for name in names[begin : begin + AT_ONCE]]
        store.commit(commit_of(*appends))
    return streams * EVENTS


@contextmanager
def _sides(opened: Callable[[ExitStack], tuple[EventStore, Outbox]], effort: Effort) -> Iterator[Sides]:
    environment, runs = system_environment(), count()
    with ExitStack() as stack:
        store, outbox = opened(stack)

        def ours() -> tuple[float]:
            events = backlog(store, next(runs), effort.of(STREAMS))
            broker = InMemoryBroker(JsonCodec())
            relay = Relay(outbox, InMemoryEventPublisher(broker, environment), environment)
            began = perf_counter()
            while relay.step():
                pass
            seconds = perf_counter() - began
            assert sum(map(len, broker.partitions)) == events
            assert outbox.pending() == 0
            return (events / seconds,)

        yield Sides(ours)


BENCHMARKS = (
    Benchmark((Row("relay-dynamodb", "events/s", more_is_better=True),), "", partial(_sides, _on_dynamodb)),
    Benchmark((Row("relay-postgres", "events/s", more_is_better=True),), "", partial(_sides, _on_postgres)),
)
