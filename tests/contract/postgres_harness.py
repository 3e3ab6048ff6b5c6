"""PostgreSQL for the contract suites: a fresh database on a running server, and a proxy that loses what it is told to."""

import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Self, cast

import psycopg

from adapters.postgres.connections import Pool, open_pool
from adapters.postgres.event_feed import PostgresEventFeed
from adapters.postgres.event_store import PostgresEventStore
from adapters.postgres.outbox import PostgresOutbox
from adapters.postgres.snapshot_store import PostgresSnapshotStore
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.ports.environment import Environment
from core.ports.event_feed import EventFeed
from core.ports.event_store import EventStore
from core.ports.snapshot_store import SnapshotStore
from tests.support.environment import armed_environment
from tests.support.pauses import BUDGET, Pauses
from tests.support.postgres_databases import fresh_database
from tests.support.postgres_proxy import PostgresProxy, postgres_proxy

PATIENCE = 60.0
"""Seconds to wait for a connection: how busy the machine is must not decide a test."""


class PostgresDatabase:
    """A migrated database of one's own, and what was opened on it."""

    def __init__(self, server_url: str) -> None:
        """Make the database."""
        self._open = ExitStack()
        self.url = self._open.enter_context(fresh_database(server_url))

    def close(self) -> None:
        """Close the pools and drop the database."""
        self._open.close()

    def pool(self, url: str = "", wait_seconds: float = PATIENCE, most: int = 8) -> Pool:
        """Open a pool on the database, or on what stands before it."""
        pool = open_pool(url or self.url, "a test", most=most, wait_seconds=wait_seconds)
        self._open.callback(pool.close)
        return pool

    def execute(self, statement: str, *parameters: object) -> list[tuple[object, ...]]:
        """Do something behind the adapter's back; give the rows."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []


class PostgresHarness(PostgresDatabase):
    """One empty event store; its own client goes through a proxy, `another` does not."""

    def __init__(self, server_url: str) -> None:
        """Open the clients."""
        super().__init__(server_url)
        armed, self.failpoints = armed_environment()
        self.environment: Environment = Pauses().within(armed)
        self.proxy: PostgresProxy = self._open.enter_context(postgres_proxy(self.url))
        self._pool = self.pool(self.proxy.url)
        self.store: EventStore = self.store_on(self._pool)
        self.snapshots: SnapshotStore = PostgresSnapshotStore(self._pool, self.environment, BUDGET)
        self._connections = self.pool()
        self._direct = PostgresEventStore(self._connections, JsonCodec(), system_environment(), PATIENCE)

    @classmethod
    def open(cls, server_url: str) -> Self:
        """Give a new harness on a running server."""
        return cls(server_url)

    def store_on(self, pool: Pool) -> PostgresEventStore:
        """Give a store on this database through another pool."""
        return PostgresEventStore(pool, JsonCodec(), self.environment, BUDGET)

    def another(self) -> EventStore:
        """Give a client of its own, on the system's clock and with no crash points."""
        return self._direct

    def marking(self) -> EventStore:
        """Give a store that marks, behind the proxy."""
        return PostgresEventStore(self._pool, JsonCodec(), self.environment, BUDGET, outbox=True)

    def outbox(self, pool: Pool | None = None) -> PostgresOutbox:
        """Give another relay's view, behind the proxy unless it has connections of its own."""
        return PostgresOutbox(pool or self._pool, JsonCodec())

    def own_feed(self, consumer: str) -> EventFeed:
        """Give this consumer's view of the table of events, as a process has it that starts."""
        feed = PostgresEventFeed(self.url, self._connections, consumer, JsonCodec(), system_environment())
        self._open.callback(feed.close)
        return feed

    def lose_answers(self, times: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Cut the connections of the next writes after the server has done them."""
        self.proxy.cut(is_write, *[meanwhile, *[nothing] * (times - 1)][:times], answered=True)

    def lose_requests(self, times: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Cut the connections of the next writes before the server sees them."""
        self.proxy.cut(is_write, *[meanwhile, *[nothing] * (times - 1)][:times], answered=False)

    def lost(self) -> int:
        """Give how many connections the proxy has cut."""
        return self.proxy.lost

    def unreachable(self) -> EventStore:
        """Give a client of a port that nobody listens on."""
        return self.store_on(self._nowhere())

    def unreachable_outbox(self) -> PostgresOutbox:
        """Give the marks behind such a port."""
        return self.outbox(self._nowhere())

    def _nowhere(self) -> Pool:
        taken = self._open.enter_context(socket.socket())
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://postgres@127.0.0.1:{taken.getsockname()[1]}/nowhere"
        return self.pool(url, wait_seconds=0.05)

    def dig_hole(self, stream: str, version: int) -> None:
        """Delete one row."""
        self.execute("DELETE FROM shop_events.events WHERE stream = %s AND version = %s", stream, version)


def is_write(statement: str) -> bool:
    """Tell whether a statement is a commit."""
    return "shop_events.commit" in statement


def nothing() -> None:
    """Do nothing in the meantime."""


class PostgresFeeds(PostgresDatabase):
    """Feeds of a store on this database."""

    def __init__(self, server_url: str) -> None:
        """Open the store."""
        super().__init__(server_url)
        self.environment = system_environment()
        self.connections = self.pool()
        self.store: EventStore = PostgresEventStore(self.connections, JsonCodec(), self.environment, PATIENCE)
        self._feeds = 0

    def feed(self, seed: int = 1) -> EventFeed:
        """Give another consumer's view; it is calm whatever the seed."""
        del seed
        return self.calm_feed()

    def calm_feed(self) -> PostgresEventFeed:
        """Give another consumer's view."""
        self._feeds += 1
        return self.feed_of(f"consumer-{self._feeds}")

    def feed_of(self, projector: str) -> PostgresEventFeed:
        """Give the view of this consumer, as a process has it that starts."""
        feed = PostgresEventFeed(self.url, self.connections, projector, JsonCodec(), self.environment)
        self._open.callback(feed.close)
        return feed

    def started_again(self, feed: EventFeed) -> PostgresEventFeed:
        """Give the last consumer's view once more."""
        cast("PostgresEventFeed", feed).close()
        return self.feed_of(f"consumer-{self._feeds}")

    def lose_images_of(self, stream: str) -> None:
        """There is no image beside the event itself."""
        raise NotImplementedError

    def lose_keys_of(self, stream: str) -> None:
        """There are no keys beside the event's own."""
        raise NotImplementedError
