"""Orders on DynamoDB: through our API process, beside the requests of the older implementation.

Each run of a side is on a new emulator, which slows as it grows, and the carts are filled before the time is taken. Only ours streams its
table to Kinesis. The emulator answers within a millisecond or two; AWS takes some five more, which the rows that end in 5ms add to each
request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Protocol

from benchmarks import older_orders
from benchmarks.aws_shop import MOST_LINES, aws_shop, count_events, emulator, new_shoppers
from benchmarks.figures import Benchmark, Effort, Row, Sides
from benchmarks.older_orders import older_shop
from benchmarks.order_client import Figures
from benchmarks.projection_database import database, server

RUNS = 5
"""Each starts two emulators and a shop."""

LINES = (1, MOST_LINES)

ORDERS = 3
"""Of each client: once with nobody else there, once all clients at the same time."""

DELAY = 5.0
"""Milliseconds."""

DELAYED_ORDERS = 2
"""Of each client, with nobody else there."""


class Shop(Protocol):
    """A side, with its products on sale."""

    def fill(self, shoppers: list[list[str]], lines: int) -> None:
        """Put so many products in the cart of each client's shoppers."""

    def order(self, shoppers: list[list[str]]) -> Figures:
        """Have the shoppers of each list order, one after the other, and the lists at the same time."""


def _alone(shop: Shop, endpoint: str, lines: int, each: int) -> Figures:
    return _ordered(shop, endpoint, lines, [list(chain(*_with_full_carts(shop, lines, each)))])


def _together(shop: Shop, endpoint: str, lines: int, each: int) -> Figures:
    return _ordered(shop, endpoint, lines, _with_full_carts(shop, lines, each))


def _with_full_carts(shop: Shop, lines: int, each: int) -> list[list[str]]:
    warming, shoppers = new_shoppers(1), new_shoppers(each)
    for filled in (warming, shoppers):
        shop.fill(filled, lines)
    shop.order(warming)  # connections are made, and what a process does once is done
    return shoppers


def _ordered(shop: Shop, endpoint: str, lines: int, shoppers: list[list[str]]) -> Figures:
    before = count_events(endpoint)
    figures = shop.order(shoppers)
    # Placed, stock reserved for each line, the cart cleared.
    assert count_events(endpoint) == before + sum(map(len, shoppers)) * (2 + lines)
    return figures


@contextmanager
def _at_once(effort: Effort) -> Iterator[Sides]:
    each = effort.of(ORDERS)

    def measured(shop: Shop, endpoint: str) -> tuple[float, ...]:
        alone = [_alone(shop, endpoint, lines, each) for lines in LINES]
        together = [_together(shop, endpoint, lines, each) for lines in LINES]
        each_way = [*alone, *together]
        return (*(of.p50 for of in each_way), *(of.rate for of in each_way), *(of.cpu for of in alone if of.cpu))

    with server() as server_url, database(server_url) as url:

        def ours() -> tuple[float, ...]:
            with emulator() as endpoint, aws_shop(endpoint, url, 0.0) as shop:
                return measured(shop, endpoint)

        def theirs() -> tuple[float, ...]:
            with emulator() as endpoint, older_shop(endpoint, 0.0) as shop:
                return measured(shop, endpoint)

        yield Sides(ours, theirs)


@contextmanager
def _delayed(effort: Effort) -> Iterator[Sides]:
    each = effort.of(DELAYED_ORDERS)

    def measured(shop: Shop, endpoint: str) -> tuple[float, ...]:
        return tuple(_alone(shop, endpoint, lines, each).p50 for lines in LINES)

    with server() as server_url, database(server_url) as url:

        def ours() -> tuple[float, ...]:
            with emulator() as endpoint, aws_shop(endpoint, url, DELAY) as shop:
                figures = measured(shop, endpoint)
            assert min(figures) >= DELAY
            return figures

        def theirs() -> tuple[float, ...]:
            with emulator() as endpoint, older_shop(endpoint, DELAY) as shop:
                figures = measured(shop, endpoint)
            # Each of its requests: three and two a line, one and one a line, two and one a line.
            assert all(p50 >= DELAY * (6 + 4 * lines) for p50, lines in zip(figures, LINES, strict=True))
            return figures

        yield Sides(ours, theirs)


BENCHMARKS = (
    Benchmark(
        (
            Row("order-1", "ms", target=3),
            Row("order-5", "ms", target=8),
            Row("order-1-p50-8", "ms"),
            Row("order-5-p50-8", "ms"),
            Row("order-1-rate", "orders/s", more_is_better=True),
            Row("order-5-rate", "orders/s", more_is_better=True),
            Row("order-1-rate-8", "orders/s", more_is_better=True),
            Row("order-5-rate-8", "orders/s", more_is_better=True),
            Row("order-1-cpu", "ms"),
            Row("order-5-cpu", "ms"),
        ),
        older_orders.NAME,
        _at_once,
        most_runs=RUNS,
    ),
    Benchmark(
        (Row("order-1-5ms", "ms", target=5), Row("order-5-5ms", "ms", target=12)),
        older_orders.NAME,
        _delayed,
        most_runs=RUNS,
    ),
)
