"""The peer: the PyPI package `eventsourcing` with its default in-memory module, as its documentation teaches.

Its default application: JSON transcoder, uuid4 ids, no aggregate cache, no compression, no cipher. Of its two styles this is the
explicit one, which is the faster.
"""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, MutableOrImmutableAggregate

NAME = f"eventsourcing {version('eventsourcing')}"
ENVIRONMENT = {"PERSISTENCE_MODULE": "eventsourcing.popo"}
"""Its default, named so that no variable of the caller's environment changes it."""

SNAPSHOT_EVERY = 50


class Stock(Aggregate):
    """The same counter as our Inventory."""

    def __init__(self, product_id: str, total: int) -> None:
        """Start with so many units."""
        self.product_id = product_id
        self.total = total
        self.reserved = 0

    def reserve(self, order_id: str, quantity: int) -> None:
        """Promise units to an order."""
        self.trigger_event(self.StockReserved, order_id=order_id, quantity=quantity)

    class StockReserved(Aggregate.Event):
        """Units were promised to an order."""

        order_id: str
        quantity: int

        def apply(self, aggregate: "Stock") -> None:
            """Count them."""
            aggregate.reserved += self.quantity


class Plain(Application[UUID]):
    """The default application: no snapshots."""


class Snapshotting(Application[UUID]):
    """The same with a snapshot at each 50th version."""

    snapshotting_intervals: ClassVar[dict[type[MutableOrImmutableAggregate[Any]], int]] = {Stock: SNAPSHOT_EVERY}


def fill(app: Application[UUID], events: int) -> UUID:
    """Record one stream, 50 events to a save; its creation is the first event."""
    stock = Stock("a-product", 1_000_000)
    for number in range(2, events + 1):
        stock.reserve(f"order-{number}", 1)
        if len(stock.pending_events) == SNAPSHOT_EVERY:
            app.save(stock)
    app.save(stock)
    return stock.id


def load(app: Application[UUID], stock_id: UUID) -> Stock:
    """Read the aggregate back."""
    stock: Stock = app.repository.get(stock_id)
    return stock


def pending(stock: Stock, count: int) -> Iterator[Stock]:
    """Give the aggregate again and again, each time with one event that is not saved yet."""
    for number in range(count):
        stock.reserve(f"order-{number}", 1)
        yield stock
