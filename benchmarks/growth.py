"""What an append and a load cost in a store of a million events, beside one of ten thousand."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from benchmarks.clock import median_microseconds
from benchmarks.figures import Benchmark, Effort, Row, Run, Sides
from benchmarks.stock import StockRoom
from core.application.repository import Repository
from core.domain.inventory import Inventory
from core.ports.commit import Commit

EVENTS = 100
"""Of each stream."""


@contextmanager
def _sides(effort: Effort) -> Iterator[Sides]:
    yield Sides(_grown_to(effort.of(1_000_000), effort), _grown_to(effort.of(10_000), effort))


def _grown_to(events: int, effort: Effort) -> Run:
    room, chance = StockRoom(), Random(events)
    streams = [f"product-{number}" for number in range(events // EVENTS)]
    room.fill(streams, EVENTS, batch=10)
    ends = dict.fromkeys(streams, EVENTS)
    repository = Repository(room.store, room.codec, room.environment)

    def commits(count: int) -> Iterator[Commit]:
        for stream in chance.choices(streams, k=count):
            ends[stream] += 1
            yield room.commit(stream, ends[stream], ends[stream])

    def run() -> tuple[float, float]:
        loads = chance.choices(streams, k=effort.of(500))
        load = median_microseconds(lambda stream: repository.load(Inventory, stream, fresh=True), loads)
        append = median_microseconds(room.store.commit, commits(len(loads)))
        # A benchmark that appends for long would make the streams longer: loads after appends are of 101 events or a few more.
        return append, load

    return run


BENCHMARKS = (
    Benchmark(
        (Row("append-at-1m-vs-10k", "us", target=0.77), Row("load-at-1m-vs-10k", "us", target=0.77)),
        "ours at 10,000 events",
        _sides,
    ),
)
