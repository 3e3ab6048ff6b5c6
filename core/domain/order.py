"""An order: placed once from a cart, then pending -> paid -> shipped, or cancelled before it is shipped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from core.domain.aggregate import Aggregate, evolves
from core.domain.cart import Cart
from core.domain.errors import DomainError, Forbidden, NotFound, NotNow, bounded_text
from core.domain.product import Product

Status = Literal["", "pending", "paid", "shipped", "cancelled"]

Canceller = Literal["", "shopper", "admin"]
"""Who called an order off; empty where the event was written before it said so."""


@dataclass(frozen=True, slots=True)
class OrderItem:
    """What was ordered: the name and price (yen) at that moment."""

    product_id: str
    name: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """A cart was ordered; `total` in yen."""

    order_id: str
    user_id: str
    items: tuple[OrderItem, ...]
    total: int
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """It was paid."""

    order_id: str
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class OrderShipped:
    """It left the house."""

    order_id: str
    shipped_at: datetime


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """It was called off; the `reason` may be empty. Schema 2 says by whom."""

    schema_version: ClassVar[int] = 2

    order_id: str
    reason: str
    cancelled_at: datetime
    cancelled_by: Canceller


class OrderNotFound(NotFound):
    """There is no such order."""

    code = "order_not_found"


class OrderNotYours(Forbidden):
    """The order is someone else's."""

    code = "order_not_yours"


class CartEmpty(DomainError):
    """There is nothing in the cart to order."""

    code = "cart_empty"


class ProductUnavailable(NotNow):
    """A product of the cart was deleted."""

    code = "product_unavailable"


class PriceChanged(NotNow):
    """A product costs another price than the cart says."""

    code = "price_changed"


class OrderNotPayable(NotNow):
    """Only a pending order can be paid."""

    code = "order_not_payable"


class OrderNotShippable(NotNow):
    """Only a paid order can be shipped."""

    code = "order_not_shippable"


class OrderNotCancellable(NotNow):
    """Only a pending or a paid order can be cancelled."""

    code = "order_not_cancellable"


@dataclass(slots=True)
class Order(Aggregate):
    """What was ordered by whom, and how far it has come."""

    order_id: str = ""
    user_id: str = ""
    items: tuple[OrderItem, ...] = ()
    total: int = 0
    status: Status = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def require(self, order_id: str, user_id: str | None) -> None:
        """Refuse to go on with an order that does not exist or is not the caller's; `user_id` None is an admin.

        Raises:
            OrderNotFound: there is none.
            OrderNotYours: it is another shopper's.
        """
        if not self.status:
            raise OrderNotFound(f"There is no order {order_id}.", order_id=order_id)
        if user_id is not None and user_id != self.user_id:
            raise OrderNotYours(f"Order {order_id} belongs to another shopper.", order_id=order_id)

    @staticmethod
    def place(order_id: str, user_id: str, cart: Cart, products: Mapping[str, Product], at: datetime) -> OrderPlaced:
        """Order everything in the cart at the prices that the shopper saw.

        Raises:
            CartEmpty: nothing is in it.
            ProductUnavailable: a product was deleted.
            PriceChanged: a product costs another price now.
        """
        if not cart.lines:
            raise CartEmpty("The cart is empty; add something before you order.")
        items = []
        for line in cart.lines.values():
            product = products[line.product_id]
            facts = {"product_id": line.product_id, "name": product.name}
            if not product.on_sale:
                raise ProductUnavailable(
                    f"{product.name or line.product_id} is no longer sold; remove it from the cart.", **facts
                )
            if product.price != line.price:
                raise PriceChanged(
                    f"{product.name} now costs {product.price:,} yen, not {line.price:,}; add it again to accept the new price.",
                    old_price=line.price,
                    new_price=product.price,
                    **facts,
                )
            items.append(OrderItem(line.product_id, product.name, line.quantity, line.price))
        return OrderPlaced(order_id, user_id, tuple(items), cart.total, at)

    def pay(self, at: datetime) -> OrderPaid:
        """Take the payment.

        Raises:
            OrderNotPayable: it is not pending.
        """
        if self.status != "pending":
            raise OrderNotPayable(
                f"Order {self.order_id} is {self.status}; only a pending order can be paid.", status=self.status
            )
        return OrderPaid(self.order_id, at)

    def ship(self, at: datetime) -> OrderShipped:
        """Send it.

        Raises:
            OrderNotShippable: it is not paid, or was sent or cancelled.
        """
        if self.status != "paid":
            raise OrderNotShippable(
                f"Order {self.order_id} is {self.status}; only a paid order can be shipped.", status=self.status
            )
        return OrderShipped(self.order_id, at)

    def cancel(self, reason: str, by: Canceller, at: datetime) -> OrderCancelled:
        """Call it off.

        Raises:
            Invalid: the reason is longer than 500 characters.
            OrderNotCancellable: it was shipped or cancelled.
        """
        bounded_text("reason", reason, 0, 500)
        if self.status not in {"pending", "paid"}:
            raise OrderNotCancellable(
                f"Order {self.order_id} is {self.status}; only a pending or paid order can be cancelled.",
                status=self.status,
            )
        return OrderCancelled(self.order_id, reason, at, by)

    @evolves(OrderPlaced)
    def _placed(self, event: OrderPlaced) -> None:
        self.order_id, self.user_id, self.items, self.total = event.order_id, event.user_id, event.items, event.total
        self.status, self.created_at, self.updated_at = "pending", event.placed_at, event.placed_at

    @evolves(OrderPaid)
    def _paid(self, event: OrderPaid) -> None:
        self.status, self.updated_at = "paid", event.paid_at

    @evolves(OrderShipped)
    def _shipped(self, event: OrderShipped) -> None:
        self.status, self.updated_at = "shipped", event.shipped_at

    @evolves(OrderCancelled)
    def _cancelled(self, event: OrderCancelled) -> None:
        self.status, self.updated_at = "cancelled", event.cancelled_at
