"""The DynamoDB event store for the contract suites: fresh tables on a running server, and a proxy that loses what it is told to."""

import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from adapters.dynamodb.client import dynamodb_client
from adapters.dynamodb.event_store import DynamoDBEventStore
from adapters.dynamodb.layout import Tables
from adapters.dynamodb.outbox import DynamoDBOutbox
from adapters.dynamodb.snapshot_store import DynamoDBSnapshotStore
from adapters.dynamodb.tables import create_tables
from adapters.serialization.codec import JsonCodec
from adapters.serialization.event_items import event_key
from adapters.system.environment import system_environment
from core.ports.environment import Environment
from core.ports.event_store import EventStore
from core.ports.snapshot_store import SnapshotStore
from tests.support.environment import armed_environment
from tests.support.faulty_proxy import FaultyProxy, after, before_the_cut, faulty_proxy, lose_answer, lose_request
from tests.support.pauses import BUDGET, Pauses

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def client_of(endpoint: str, read_seconds: float = 60.0) -> "DynamoDBClient":
    """Give a client of a local server; how busy the machine is must not decide a test, so it waits long."""
    return dynamodb_client(
        "ap-northeast-1", endpoint, credentials=("test", "test"), connect_seconds=60.0, read_seconds=read_seconds
    )


def fresh_names() -> Tables:
    """Give names that no other test uses."""
    test = uuid4().hex
    return Tables(f"events-{test}", f"snapshots-{test}", f"claims-{test}")


class DynamoDBHarness:
    """One empty store on `endpoint`; its own client goes through a proxy, `another` does not."""

    def __init__(self, endpoint: str) -> None:
        """Make the tables."""
        armed, self.failpoints = armed_environment()
        self.environment: Environment = Pauses().within(armed)
        self.direct = client_of(endpoint)
        self.tables = fresh_names()
        create_tables(self.direct, self.tables, self.environment)
        self._open = ExitStack()
        self.proxy: FaultyProxy = self._open.enter_context(faulty_proxy(endpoint))
        self.client = client_of(self.proxy.endpoint)
        self.store: EventStore = self.store_on(self.client)
        self.snapshots: SnapshotStore = DynamoDBSnapshotStore(
            self.client, self.tables.snapshots, self.environment, BUDGET
        )

    @classmethod
    def open(cls, endpoint: str) -> Self:
        """Give a new harness on a running server."""
        return cls(endpoint)

    def close(self) -> None:
        """Take the tables and the proxy away."""
        self.client.close()
        self._open.close()
        for name in self.tables:
            self.direct.delete_table(TableName=name)
        self.direct.close()

    def store_on(self, client: "DynamoDBClient", budget_seconds: float = BUDGET) -> DynamoDBEventStore:
        """Give a store on these tables through another client."""
        return DynamoDBEventStore(client, self.tables, JsonCodec(), self.environment, budget_seconds)

    def another(self) -> EventStore:
        """Give a client of its own, on the system's clock and with no crash points."""
        return DynamoDBEventStore(self.direct, self.tables, JsonCodec(), system_environment(), BUDGET)

    def marking(self) -> EventStore:
        """Give a store that marks, behind the proxy."""
        return DynamoDBEventStore(self.client, self.tables, JsonCodec(), self.environment, BUDGET, outbox=True)

    def outbox(self, client: "DynamoDBClient | None" = None) -> DynamoDBOutbox:
        """Give another relay's view, behind the proxy unless it has a client of its own."""
        return DynamoDBOutbox(client or self.client, self.tables.events, JsonCodec(), self.environment, BUDGET)

    def lose_answers(self, times: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Cut the connections of the next writes after the server has done them."""
        self.proxy.on_writes(*[before_the_cut(lose_answer, meanwhile), *[lose_answer] * (times - 1)][:times])

    def lose_requests(self, times: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Cut the connections of the next writes before the server sees them."""
        self.proxy.on_writes(*[after(meanwhile, lose_request), *[lose_request] * (times - 1)][:times])

    def lost(self) -> int:
        """Give how many of the ordered faults the proxy has done."""
        return len(self.proxy.done)

    def unreachable(self) -> EventStore:
        """Give a client of a port that nobody listens on."""
        return self.store_on(client_of(self.free_endpoint()))

    def unreachable_outbox(self) -> DynamoDBOutbox:
        """Give the marks behind such a port."""
        return self.outbox(client_of(self.free_endpoint()))

    def free_endpoint(self) -> str:
        """Give an address that does not answer; the port is taken, so that nobody else can."""
        taken = self._open.enter_context(socket.socket())
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"

    def dig_hole(self, stream: str, version: int) -> None:
        """Delete one item."""
        self.direct.delete_item(TableName=self.tables.events, Key=event_key(stream, version))
