"""A database that is away, refuses or is slow: the projector waits, says so, parks nothing and catches up."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from adapters.postgres.connections import SETTINGS
from adapters.postgres.projection import PostgresProjectionStore
from core.domain.inventory import StockAdded
from core.ports.projection_store import ProjectionUnavailable
from core.ports.queries import QueriesUnavailable
from tests.contract.postgres_read_model import PostgresReadModel
from tests.integration.postgres_scene import PostgresScene
from tests.support.commits import AT
from tests.support.waiting import wait_until

pytestmark = pytest.mark.postgres


class Database(PostgresReadModel):
    """A read model whose projector logs in as a role of its own, which an operator can shut out; superusers come in always."""

    def __init__(self, server_url: str) -> None:
        """Make the role."""
        super().__init__(server_url)
        self.role = f"projector_{uuid4().hex}"
        self.operate(f"CREATE ROLE {self.role} LOGIN IN ROLE pg_read_all_data, pg_write_all_data")
        pool = self.pool(make_conninfo(self.url, user=self.role), wait_seconds=0.3, most=1)
        self.projector_store = PostgresProjectionStore(pool, self.environment)
        self._server_url = server_url

    def close(self) -> None:
        """Drop the role too."""
        super().close()
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(f"DROP ROLE {self.role}".encode())

    def operate(self, *statements: str) -> None:
        """Do what only an operator may."""
        with psycopg.connect(self.url, autocommit=True) as operator:
            operator.execute("SET default_transaction_read_only = off")
            for statement in statements:
                operator.execute(statement.encode())

    def end_sessions(self) -> None:
        """End every session of the projector."""
        self.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", self.role)


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    """Give an empty read model."""
    with closing(Database(postgres_url)) as database:
        yield database


@pytest.fixture
def scene(database: Database) -> PostgresScene:
    """Give a projector that logs in as its role."""
    return PostgresScene(database.projector_store)


class Running:
    """The projector at work in a thread, as in a worker."""

    def __init__(self, scene: PostgresScene) -> None:
        """Have it ready."""
        self._stop = threading.Event()
        self._scene = scene
        self._thread = threading.Thread(target=scene.projector.run, args=(self._stop.is_set,), daemon=True)

    def __enter__(self) -> None:
        """Start."""
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        """Stop, and see it end."""
        self._stop.set()
        self._scene.environment.wake()
        self._thread.join(30)
        assert not self._thread.is_alive()


def read_only(database: Database) -> Callable[[], None]:
    """Make the database read-only."""
    setting = f"ALTER DATABASE {database.name} SET default_transaction_read_only"
    database.operate(f"{setting} = on")
    database.end_sessions()

    def mend() -> None:
        database.operate(f"{setting} = off")
        database.end_sessions()

    return mend


def out_of_connections(database: Database) -> Callable[[], None]:
    """Let the projector have none."""
    database.operate(f"ALTER ROLE {database.role} CONNECTION LIMIT 0")
    database.end_sessions()
    return lambda: database.operate(f"ALTER ROLE {database.role} CONNECTION LIMIT -1")


def too_slow(database: Database) -> Callable[[], None]:
    """Have somebody hold a table for longer than a statement may take."""
    holder = psycopg.connect(database.url)
    holder.execute("LOCK TABLE read_1.read_inventory")
    return holder.close


def without_a_table(database: Database) -> Callable[[], None]:
    """Have somebody rename a table: every statement about it fails."""
    database.operate("ALTER TABLE read_1.read_inventory RENAME TO mislaid")
    return lambda: database.operate("ALTER TABLE read_1.mislaid RENAME TO read_inventory")


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (read_only, "read-only"),
        (out_of_connections, "connection"),
        (too_slow, "timeout"),
        (without_a_table, "does not exist"),
    ],
)
def test_the_projector_waits_parks_nothing_and_catches_up(
    database: Database,
    scene: PostgresScene,
    trouble: Callable[[Database], Callable[[], None]],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(SETTINGS, "statement_timeout", "200ms")
    scene.write("s", StockAdded("p", 1, AT))
    mend = trouble(database)

    with Running(scene):
        wait_until(lambda: said in scene.projector.trouble)
        scene.write("s", StockAdded("p", 10, AT))
        scene.write("t", StockAdded("p", 100, AT))
        mend()
        wait_until(lambda: not scene.feed.lag_seconds() and not scene.projector.trouble)

    assert scene.totals() == {"s": 11, "t": 100}
    assert scene.projections.parked_streams() == []
    assert scene.consumer.counts["parked"] == 0


def test_a_batch_whose_connection_is_killed_is_done_again(database: Database, scene: PostgresScene) -> None:
    scene.write("s", StockAdded("p", 1, AT))
    scene.failpoints.armed["consumer.before_effect"] = [database.end_sessions]

    with pytest.raises(ProjectionUnavailable):
        scene.projector.step()
    assert database.store.standings(["s"]) == {}
    scene.projector.step()

    assert scene.totals() == {"s": 1}
    assert scene.projections.parked_streams() == []


def test_what_a_process_held_that_hangs_in_a_batch_is_freed(
    database: Database, scene: PostgresScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SETTINGS, "idle_in_transaction_session_timeout", "200ms")
    scene.write("s", StockAdded("p", 1, AT))
    hung = PostgresScene(PostgresProjectionStore(database.pool(), database.environment))
    with pytest.raises(ProjectionUnavailable), hung.projections.transaction() as transaction:  # noqa: PT012 - it dies in the batch
        transaction.lock(["s"])
        scene.projector.step()  # waits for the lock, and gets it

    assert scene.totals() == {"s": 1}


def test_queries_say_that_the_read_model_is_away_and_answer_again(database: Database) -> None:
    database.operate("ALTER VIEW read_products RENAME TO mislaid")
    with pytest.raises(QueriesUnavailable, match="read_products"):
        database.queries.product("tea")

    database.operate("ALTER VIEW mislaid RENAME TO read_products")

    assert database.queries.product("tea") is None


def test_connections_that_were_lost_while_they_were_idle_cost_no_answer(database: Database) -> None:
    with ThreadPoolExecutor() as threads:
        assert list(threads.map(database.queries.product, ["tea"] * 8)) == [None] * 8
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    assert database.queries.product("tea") is None
