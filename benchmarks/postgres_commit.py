"""One event from object to a row of PostgreSQL, acknowledged: ours beside the peer's PostgreSQL recorder, on the same server.

The server waits for no disk: it would wait as long for both, and what is compared is the work and the round trips.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from adapters.postgres.connections import open_pool
from adapters.postgres.event_store import PostgresEventStore
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from benchmarks import peer
from benchmarks.clock import median_microseconds
from benchmarks.figures import Benchmark, Effort, Row, Sides
from benchmarks.stock import StockRoom
from entrypoints.stack.embedded_postgres import embedded_postgres
from tests.support.postgres_databases import fresh_database, hasty, templated


@contextmanager
def _sides(effort: Effort) -> Iterator[Sides]:
    rounds = effort.of(2000)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, ExitStack() as opened:
        server = opened.enter_context(templated(opened.enter_context(embedded_postgres(Path(folder)))))
        hasty(server)
        mine, other = (opened.enter_context(fresh_database(server)) for _ in range(2))
        pool = opened.enter_context(open_pool(mine, "benchmark"))
        store = PostgresEventStore(pool, JsonCodec(), system_environment(), 60.0)
        app = peer.Plain(peer_environment(other))
        opened.callback(app.close)
        room, stock = StockRoom(), peer.Stock("a-product", 1_000_000)
        app.save(stock)
        written = 0

        def ours() -> tuple[float]:
            nonlocal written
            versions = range(written + 1, written + rounds + 1)
            written += rounds
            figure = median_microseconds(store.commit, room.reservations("a-product", versions))
            assert [head.version for head in store.heads()] == [written]
            return (figure,)

        def theirs() -> tuple[float]:
            before = app.recorder.max_notification_id() or 0
            figure = median_microseconds(app.save, peer.pending(stock, rounds))
            assert app.recorder.max_notification_id() == before + rounds
            return (figure,)

        yield Sides(ours, theirs)


def peer_environment(conninfo: str) -> dict[str, str]:
    """Give the peer's settings: its PostgreSQL module as its documentation has it."""
    parts = conninfo_to_dict(conninfo)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts.get("port") or 5432),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": "none is asked for",
    }


BENCHMARKS = (Benchmark((Row("pg-commit-1", "us", target=3),), peer.NAME, _sides),)
