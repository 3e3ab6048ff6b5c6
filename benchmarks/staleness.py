"""From the acknowledgement of a commit until its row is read: `ecshop worker project` hears of it by LISTEN and NOTIFY."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from time import perf_counter, sleep

from adapters.postgres.connections import open_pool
from adapters.postgres.event_store import PostgresEventStore
from adapters.postgres.queries import PostgresQueries
from benchmarks.durable_shop import command, durable_shop
from benchmarks.figures import Benchmark, Effort, Row, Sides
from benchmarks.stock import StockRoom
from tests.support.waiting import wait_until

COMMITS = 500
PAUSE = 0.005
"""Seconds between two, so that the worker has nothing else to do when it hears of the next."""


@contextmanager
def _sides(effort: Effort) -> Iterator[Sides]:
    room, version = StockRoom(), 0

    def milliseconds() -> float:
        nonlocal version
        version += 1
        store.commit(room.commit("inventory-1", version, version))
        acknowledged = perf_counter()
        while queries.progress({"inventory-1": version})["inventory-1"].version < version:
            assert worker.poll() is None
        return (perf_counter() - acknowledged) * 1_000

    def ours() -> tuple[float, float]:
        times = []
        for _ in range(effort.of(COMMITS)):
            sleep(PAUSE)
            times.append(milliseconds())
        cuts = quantiles(times, n=100)
        return cuts[49], cuts[98]

    with (
        durable_shop() as settings,
        open_pool(settings["DATABASE_URL"], "benchmark") as pool,
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        command(settings, Path(folder, "said"), "worker", "project") as worker,
    ):
        wait_until(lambda: "Working:" in Path(folder, "said").read_text())
        store, queries = PostgresEventStore(pool, room.codec, room.environment, 60.0), PostgresQueries(pool)
        milliseconds()
        yield Sides(ours)


BENCHMARKS = (Benchmark((Row("staleness-p50", "ms"), Row("staleness-p99", "ms")), "", _sides),)
