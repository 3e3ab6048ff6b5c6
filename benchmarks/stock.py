"""The workload of the in-process benchmarks: the stock of products, with units reserved by one order after another."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from adapters.inmemory import InMemoryEventStore
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.domain.inventory import StockAdded, StockReserved
from core.ports.commit import Append, Commit
from core.ports.environment import Environment
from core.ports.events import Metadata, NewEvent

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
STOCK = 1_000_000
BATCH = 50
"""Events of a commit while a stream is filled."""


class StockRoom:
    """An in-memory event store as the served shop has it, with commits to put into it."""

    def __init__(self) -> None:
        """Start empty."""
        self.environment: Environment = system_environment()
        self.codec = JsonCodec()
        self.store = InMemoryEventStore(self.codec, self.environment)

    def reservations(self, stream: str, versions: Iterable[int]) -> Iterator[Commit]:
        """Give commits of one event each, for these versions of the stream."""
        for version in versions:
            yield self.commit(stream, version, version)

    def commit(self, stream: str, first: int, last: int) -> Commit:
        """Give a commit of the stream's events from version `first` to `last`; version 1 is the stock itself."""
        environment, request = self.environment, self.environment.new_id()
        events = tuple(NewEvent(environment.new_id(), _event(stream, version)) for version in range(first, last + 1))
        metadata = Metadata(request, request, "ReserveStock", "benchmark", "ja")
        return Commit(environment.new_id(), environment.now(), (Append(stream, first - 1, events),), metadata=metadata)

    def fill(self, streams: Iterable[str], events: int, batch: int = BATCH) -> None:
        """Write so many events to each stream, a batch of one stream after a batch of another, as a shop in use does."""
        names = list(streams)
        for first in range(1, events + 1, batch):
            for stream in names:
                self.store.commit(self.commit(stream, first, min(first + batch - 1, events)))


def _event(stream: str, version: int) -> object:
    return StockAdded(stream, STOCK, AT) if version == 1 else StockReserved(stream, f"order-{version}", 1, AT)
