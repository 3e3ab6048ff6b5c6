"""What a million events take in the in-memory store: measured in a process that does nothing else."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import psutil

from benchmarks.figures import Benchmark, Effort, Row, Sides
from benchmarks.stock import StockRoom

EVENTS = 100
"""Of each stream."""


def _bytes_an_event(events: int) -> float:
    room, process = StockRoom(), psutil.Process()
    before = process.memory_info().rss
    room.fill([f"product-{number}" for number in range(events // EVENTS)], EVENTS, batch=1)
    return float(process.memory_info().rss - before) / events


@contextmanager
def _sides(effort: Effort) -> Iterator[Sides]:
    def ours() -> tuple[float]:
        with ProcessPoolExecutor(1, get_context("spawn")) as another:
            return (another.submit(_bytes_an_event, effort.of(1_000_000)).result(),)

    yield Sides(ours)


BENCHMARKS = (Benchmark((Row("memory-1m-events", "bytes/event"),), "", _sides, most_runs=1),)
