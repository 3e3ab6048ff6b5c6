"""From decoded change records to rows in PostgreSQL: the shop's consumer, batch by batch."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import perf_counter
from typing import TypeVar

from adapters.inmemory import InMemoryEventStore
from adapters.postgres.connections import open_pool
from adapters.postgres.projection import PostgresProjectionStore
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from benchmarks import peer
from benchmarks.busy_shop import PRODUCTS, BusyShop
from benchmarks.figures import Benchmark, Effort, Row, Sides
from benchmarks.peer_projection import projected
from benchmarks.projection_database import database, server
from benchmarks.projection_peers import Copying, EventByEvent, connected
from core.delivery.consumer import Consumer
from core.ports.event_feed import Doorbell
from core.projections.rows import FOLDS, RowFold

T = TypeVar("T")

EVENTS = 20_000
"""Of a run, after as many as it takes to have every statement planned."""

WARM = 8
"""Batches before the time is taken."""


def rate(handle: Callable[[T], object], batches: Sequence[T], events: int) -> float:
    """Time all batches but the first, and give events per second."""
    for batch in batches[:WARM]:
        handle(batch)
    gc.collect()
    gc.freeze()  # a feed does not hold all that it will ever deliver: collections shall not look at it either
    began = perf_counter()
    for batch in batches[WARM:]:
        handle(batch)
    return events * (len(batches) - WARM) / (perf_counter() - began)


def batches(size: int, count: int, seed: int) -> list[list[Doorbell]]:
    """Give so many batches of what a busy shop's feed carries, and first its products."""
    shop = BusyShop(seed)
    return [shop.doorbells(2 * PRODUCTS), *(shop.doorbells(size) for _ in range(count + WARM - 1))]


def project(url: str, of: Sequence[list[Doorbell]], size: int) -> float:
    """Measure the consumer on an empty database; give events per second."""
    environment, codec = system_environment(), JsonCodec()
    pool = open_pool(url, "benchmark")
    try:
        projections = PostgresProjectionStore(pool, environment)
        projections.establish(FOLDS)
        store = InMemoryEventStore(codec, environment)  # which is never asked: no gap, no doubt
        consumer = Consumer(store, projections, {FOLDS: RowFold(codec)}, environment)
        figure = rate(consumer.handle, of, size)
        assert consumer.counts == {"applied": sum(map(len, of))}
        return figure
    finally:
        pool.close()


@contextmanager
def _beside_event_by_event(effort: Effort) -> Iterator[Sides]:
    with server() as server_url:

        def ours() -> tuple[float]:
            with database(server_url) as url:
                return (project(url, batches(500, effort.of(EVENTS) // 500 + 1, 1), 500),)

        def theirs() -> tuple[float]:
            with database(server_url) as url, connected(url) as connection:
                pool = open_pool(url, "benchmark")
                PostgresProjectionStore(pool, system_environment()).establish(FOLDS)
                pool.close()
                peer = EventByEvent(connection)
                figure = rate(peer.handle, batches(50, effort.of(2_000) // 50 + 1, 1), 50)
                return (figure,)

        yield Sides(ours, theirs)


@contextmanager
def _beside_the_peer(effort: Effort) -> Iterator[Sides]:
    with server() as server_url:

        def ours() -> tuple[float]:
            with database(server_url) as url:
                return (project(url, batches(500, effort.of(EVENTS) // 500 + 1, 1), 500),)

        def theirs() -> tuple[float]:
            with database(server_url) as url:
                return (projected(url, max(100, effort.of(2_000))),)

        yield Sides(ours, theirs)


def _beside_copy(size: int) -> Callable[[Effort], AbstractContextManager[Sides]]:
    @contextmanager
    def sides(effort: Effort) -> Iterator[Sides]:
        count = effort.of(EVENTS) // size + 1
        with server() as server_url:

            def ours() -> tuple[float]:
                with database(server_url) as url:
                    return (project(url, batches(size, count, 1), size),)

            def theirs() -> tuple[float]:
                with database(server_url) as url, connected(url) as connection:
                    pool = open_pool(url, "benchmark")
                    PostgresProjectionStore(pool, system_environment()).establish(FOLDS)
                    pool.close()
                    peer = Copying(connection)
                    rows = [peer.rows_of(batch) for batch in batches(size, count, 1)]
                    return (rate(peer.handle, rows, size),)

            yield Sides(ours, theirs)

    return sides


BENCHMARKS = (
    Benchmark(
        (Row("project-pg-500", "events/s", target=50, more_is_better=True),),
        "one transaction an event",
        _beside_event_by_event,
    ),
    Benchmark(
        (Row("project-pg-500-vs-copy", "events/s", target=0.2, more_is_better=True),),
        "binary COPY of the same rows",
        _beside_copy(500),
    ),
    Benchmark(
        (Row("project-pg-2000-vs-copy", "events/s", target=0.35, more_is_better=True),),
        "binary COPY of the same rows",
        _beside_copy(2_000),
    ),
    Benchmark(
        (Row("project-vs-eventsourcing", "events/s", target=50, more_is_better=True),), peer.NAME, _beside_the_peer
    ),
)
