"""One event from object to stored bytes.

Ours keeps the time and the metadata of a commit as objects beside the bytes of its events: encoding them too would cost it a tenth more.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import peer
from benchmarks.clock import median_microseconds
from benchmarks.figures import Benchmark, Effort, Row, Sides
from benchmarks.stock import StockRoom


@contextmanager
def _sides(effort: Effort) -> Iterator[Sides]:
    rounds = effort.of(5000)

    def ours() -> tuple[float]:
        room = StockRoom()
        figure = median_microseconds(room.store.commit, room.reservations("a-product", range(1, rounds + 1)))
        assert len(list(room.store.read("a-product"))) == rounds
        return (figure,)

    def theirs() -> tuple[float]:
        app, stock = peer.Plain(peer.ENVIRONMENT), peer.Stock("a-product", 1_000_000)
        app.save(stock)
        figure = median_microseconds(app.save, peer.pending(stock, rounds))
        assert app.recorder.max_notification_id() == rounds + 1
        return (figure,)

    yield Sides(ours, theirs)


BENCHMARKS = (Benchmark((Row("append-1", "us", target=15),), peer.NAME, _sides),)
