"""Stock of one product: how much there is, and how much of it is promised to orders."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.aggregate import Aggregate, evolves
from core.domain.errors import Invalid, NotNow, bounded
from core.domain.order import OrderItem

MOST_STOCK = 1_000_000


def inventory_stream(product_id: str) -> str:
    """Name the stream of a product's stock."""
    return f"inventory-{product_id}"


@dataclass(frozen=True, slots=True)
class StockAdded:
    """Units came in."""

    product_id: str
    quantity: int
    added_at: datetime


@dataclass(frozen=True, slots=True)
class StockReserved:
    """Units were promised to an order."""

    product_id: str
    order_id: str
    quantity: int
    reserved_at: datetime


@dataclass(frozen=True, slots=True)
class StockReleased:
    """Units promised to an order are free again."""

    product_id: str
    order_id: str
    quantity: int
    released_at: datetime


@dataclass(frozen=True, slots=True)
class StockDeducted:
    """Units promised to an order left the house."""

    product_id: str
    order_id: str
    quantity: int
    deducted_at: datetime


class OutOfStock(NotNow):
    """Fewer units are available than the order wants."""

    code = "out_of_stock"


class StockTooLarge(Invalid):
    """The stock would pass what an inventory takes."""

    code = "stock_too_large"


@dataclass(slots=True)
class Inventory(Aggregate):
    """Counters only: which order holds what is the order's business, and both change in one commit."""

    product_id: str = ""
    total: int = 0
    reserved: int = 0

    @property
    def available(self) -> int:
        """Units that nobody was promised."""
        return self.total - self.reserved

    def add(self, product_id: str, quantity: int, at: datetime) -> StockAdded:
        """Take units in.

        Raises:
            Invalid: the quantity is out of bounds.
            StockTooLarge: there would be more than 1,000,000.
        """
        bounded("quantity", quantity, 1, MOST_STOCK)
        if self.total + quantity > MOST_STOCK:
            raise StockTooLarge(
                f"An inventory takes {MOST_STOCK:,} units; this one has {self.total:,} already.", total=self.total
            )
        return StockAdded(product_id, quantity, at)

    def reserve(self, order_id: str, item: OrderItem, at: datetime) -> StockReserved:
        """Promise the units of one line to an order.

        Raises:
            OutOfStock: fewer are available.
        """
        if item.quantity > self.available:
            left = max(self.available, 0)
            raise OutOfStock(
                f"{item.name} is sold out."
                if not left
                else f"Only {left:,} of {item.name} are left, not {item.quantity:,}.",
                product_id=item.product_id,
                name=item.name,
                left=left,
            )
        return StockReserved(item.product_id, order_id, item.quantity, at)

    @staticmethod
    def release(order_id: str, item: OrderItem, at: datetime) -> StockReleased:
        """Free what a cancelled order held; the order's own state says that it is done once."""
        return StockReleased(item.product_id, order_id, item.quantity, at)

    @staticmethod
    def deduct(order_id: str, item: OrderItem, at: datetime) -> StockDeducted:
        """Let go what a shipped order held; the order's own state says that it is done once."""
        return StockDeducted(item.product_id, order_id, item.quantity, at)

    @evolves(StockAdded)
    def _added(self, event: StockAdded) -> None:
        self.product_id = event.product_id
        self.total += event.quantity

    @evolves(StockReserved)
    def _reserved(self, event: StockReserved) -> None:
        self.reserved += event.quantity

    @evolves(StockReleased)
    def _released(self, event: StockReleased) -> None:
        self.reserved -= event.quantity

    @evolves(StockDeducted)
    def _deducted(self, event: StockDeducted) -> None:
        self.total -= event.quantity
        self.reserved -= event.quantity
