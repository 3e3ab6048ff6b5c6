"""An aggregate of 10,000 events, from stored bytes: all of them, and from the newest snapshot."""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.inmemory import InMemorySnapshotStore
from benchmarks import peer
from benchmarks.clock import median_microseconds
from benchmarks.figures import Benchmark, Effort, Row, Sides
from benchmarks.stock import StockRoom
from core.application.repository import Repository
from core.domain.inventory import Inventory

AS_LONG = 25
"""Loads of ours that are timed as one, to be about as long as one of the peer's: on a busy machine only a short act goes undisturbed."""


@contextmanager
def _all_events(effort: Effort) -> Iterator[Sides]:
    events = effort.of(10_000)
    room, app = StockRoom(), peer.Plain(peer.ENVIRONMENT)
    room.fill(["a-product"], events)
    stock_id = peer.fill(app, events)
    repository = Repository(room.store, room.codec, room.environment)
    assert repository.load(Inventory, "a-product").state.reserved == events - 1
    assert peer.load(app, stock_id).version == events

    def ours(stream: str) -> None:
        for _ in range(AS_LONG):
            repository.load(Inventory, stream)

    yield Sides(
        lambda: (median_microseconds(ours, ["a-product"]) / AS_LONG / 1000,),
        lambda: (median_microseconds(lambda stock: peer.load(app, stock), [stock_id]) / 1000,),
    )


@contextmanager
def _with_snapshots(effort: Effort) -> Iterator[Sides]:
    events, rounds = 10_000, effort.of(1000)  # not fewer events: both sides take a snapshot at each 50th version
    room, app = StockRoom(), peer.Snapshotting(peer.ENVIRONMENT)
    room.fill(["a-product"], events)
    stock_id = peer.fill(app, events)
    repository = Repository(room.store, room.codec, room.environment, snapshots=InMemorySnapshotStore())
    loaded = repository.load(Inventory, "a-product")
    repository.confirm("a-product", events - 1, events, loaded.state, room.environment.monotonic())
    assert repository.load(Inventory, "a-product") == loaded
    assert peer.load(app, stock_id).version == events

    yield Sides(
        lambda: (median_microseconds(lambda stream: repository.load(Inventory, stream), ["a-product"] * rounds),),
        lambda: (median_microseconds(lambda stock: peer.load(app, stock), [stock_id] * rounds),),
    )


BENCHMARKS = (
    Benchmark((Row("load-10k", "ms", target=30),), peer.NAME, _all_events),
    Benchmark((Row("load-10k-snapshot", "us", target=5),), peer.NAME, _with_snapshots),
)
