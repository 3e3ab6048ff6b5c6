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
    # Those that are appended to grow, so others are loaded: of as many events in the small store as in the large one.
    appended, loaded = streams[::2], streams[1::2]
    ends = dict.fromkeys(appended, EVENTS)
    repository = Repository(room.store, room.codec, room.environment)

    def commits(count: int) -> Iterator[Commit]:
        for stream in chance.choices(appended, k=count):
            ends[stream] += 1
            yield room.commit(stream, ends[stream], ends[stream])

    def run() -> tuple[float, float]:
        loads = chance.choices(loaded, k=effort.of(500))
        load = median_microseconds(lambda stream: repository.load(Inventory, stream, fresh=True), loads)
        return median_microseconds(room.store.commit, commits(len(loads))), load

    return run


BENCHMARKS = (
    Benchmark(
        (Row("append-at-1m-vs-10k", "us", target=0.77), Row("load-at-1m-vs-10k", "us", target=0.77)),
        "ours at 10,000 events",
        _sides,
    ),
)
