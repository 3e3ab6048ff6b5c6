"""Our HTTP API under load, with everything in PostgreSQL and on disk: reading a product, and placing orders."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from benchmarks.durable_shop import durable_shop
from benchmarks.figures import Benchmark, Effort, Row, Sides
from benchmarks.http_load import SECONDS, serving


def _asking(ask: str) -> Callable[[Effort], AbstractContextManager[Sides]]:
    @contextmanager
    def sides(effort: Effort) -> Iterator[Sides]:
        seconds = max(SECONDS * effort.share, 0.5)
        with durable_shop() as settings, serving("shop", **settings) as shop:
            shop.load(ask, seconds)
            yield Sides(lambda: tuple(shop.load(ask, seconds).values()))

    return sides


def _rows(name: str, unit: str) -> tuple[Row, ...]:
    return Row(name, unit, more_is_better=True), Row(f"{name}-p50", "ms"), Row(f"{name}-p99", "ms")


BENCHMARKS = (
    Benchmark(_rows("pg-http-get-product", "requests/s"), "", _asking("get")),
    Benchmark(_rows("pg-http-place-order", "orders/s"), "", _asking("order")),
)
