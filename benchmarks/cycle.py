"""Load, decide, commit, on a stream of 100 events: reading it each time, as the peer does by default, and with kept states."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from adapters.inmemory import InMemoryProjectionStore, InMemoryQueries
from benchmarks import peer
from benchmarks.clock import median_microseconds
from benchmarks.figures import Benchmark, Effort, Row, Sides
from benchmarks.stock import StockRoom
from core.application.executor import Context, Executor
from core.application.kept import KeptStates
from core.application.repository import Repository
from core.application.work import Work
from core.domain.inventory import Inventory
from core.domain.order import OrderItem
from core.ports.views import Message

EVENTS = 100
CONTEXT = Context("benchmark", "a-request", "a-request", "ja")


@dataclass(frozen=True, slots=True)
class ReserveStock:
    """What the peer's application does too: one stream, one event."""

    product_id: str
    order_id: str


def reserve_stock(work: Work, command: ReserveStock) -> Message:
    """Write StockReserved."""
    stock = work.edit(Inventory, command.product_id)
    item = OrderItem(command.product_id, "tea", 100, 1)
    work.append(Inventory, command.product_id, stock.reserve(command.order_id, item, work.at))
    return Message("")


@contextmanager
def _sides(effort: Effort) -> Iterator[Sides]:
    streams = [f"product-{number}" for number in range(effort.of(200))]

    def ours() -> tuple[float, float]:
        return _ours(streams, KeptStates(0)), _ours(streams, KeptStates())

    def theirs() -> tuple[float, float]:
        app = peer.Plain(peer.ENVIRONMENT)

        def cycle(stock_id: UUID) -> None:
            stock = peer.load(app, stock_id)
            stock.reserve("an-order", 1)
            app.save(stock)

        figure = median_microseconds(cycle, [peer.fill(app, EVENTS) for _ in streams])
        return figure, figure

    yield Sides(ours, theirs)


def _ours(streams: list[str], kept: KeptStates) -> float:
    room = StockRoom()
    room.fill(streams, EVENTS)
    repository = Repository(room.store, room.codec, room.environment, kept=kept)
    queries = InMemoryQueries(InMemoryProjectionStore(room.environment))
    executor = Executor(room.store, repository, queries, room.codec, room.environment)
    for stream in streams:
        repository.load(Inventory, stream)  # keeps them, where states are kept

    def cycle(stream: str) -> None:
        executor.run(reserve_stock, ReserveStock(stream, "an-order"), Message, CONTEXT)

    figure = median_microseconds(cycle, streams)
    assert repository.load(Inventory, streams[0], fresh=True).version == EVENTS + 1
    return figure


BENCHMARKS = (Benchmark((Row("cycle", "us", target=15), Row("cycle-kept", "us")), peer.NAME, _sides),)
