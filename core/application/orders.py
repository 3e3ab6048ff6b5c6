"""Commands on orders. An order and the stock it moves change in one commit, so nothing has to be undone."""

from dataclasses import dataclass

from core.application.work import Work
from core.domain.cart import Cart, cart_id_of
from core.domain.inventory import Inventory, inventory_stream
from core.domain.order import Canceller, Order, OrderItem
from core.domain.product import Product
from core.ports.views import Message, OrderView
from core.projections.views import order_view


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Order everything in the shopper's cart, under a new UUID."""

    order_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class PayOrder:
    """Take the payment; `user_id` None is an admin."""

    order_id: str
    user_id: str | None


@dataclass(frozen=True, slots=True)
class ShipOrder:
    """Send a paid order."""

    order_id: str


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Call an order off; `user_id` None is an admin."""

    order_id: str
    user_id: str | None
    reason: str


def place_order(work: Work, command: PlaceOrder) -> OrderView:
    """Write OrderPlaced, a StockReserved per product and CartCleared, and check every product: one commit."""
    cart_stream = cart_id_of(command.user_id)
    cart = work.edit(Cart, cart_stream)
    products = {product_id: work.look(Product, product_id) for product_id in cart.lines}
    order = work.start(Order, command.order_id)
    placed = order.place(command.order_id, command.user_id, cart, products, work.at)
    for item in sorted(placed.items, key=_by_product):
        stream = inventory_stream(item.product_id)
        inventory = work.edit(Inventory, stream)
        work.append(Inventory, stream, inventory.reserve(command.order_id, item, work.at))
    work.append(Cart, cart_stream, *cart.clear(work.at, command.order_id))
    return order_view(work.append(Order, command.order_id, placed))


def pay_order(work: Work, command: PayOrder) -> Message:
    """Write OrderPaid."""
    order = work.edit(Order, command.order_id)
    order.require(command.order_id, command.user_id)
    work.append(Order, command.order_id, order.pay(work.at))
    return Message(f"Order {command.order_id} is paid.")


def ship_order(work: Work, command: ShipOrder) -> Message:
    """Write OrderShipped and a StockDeducted per product: one commit."""
    order = work.edit(Order, command.order_id)
    order.require(command.order_id, None)
    work.append(Order, command.order_id, order.ship(work.at))
    for item in sorted(order.items, key=_by_product):
        stream = inventory_stream(item.product_id)
        inventory = work.edit(Inventory, stream)
        work.append(Inventory, stream, inventory.deduct(command.order_id, item, work.at))
    return Message(f"Order {command.order_id} is shipped.")


def cancel_order(work: Work, command: CancelOrder) -> Message:
    """Write OrderCancelled and a StockReleased per product: one commit."""
    order = work.edit(Order, command.order_id)
    order.require(command.order_id, command.user_id)
    by: Canceller = "admin" if command.user_id is None else "shopper"
    work.append(Order, command.order_id, order.cancel(command.reason, by, work.at))
    for item in sorted(order.items, key=_by_product):
        stream = inventory_stream(item.product_id)
        inventory = work.edit(Inventory, stream)
        work.append(Inventory, stream, inventory.release(command.order_id, item, work.at))
    return Message(f"Order {command.order_id} is cancelled.")


def _by_product(item: OrderItem) -> str:
    """Sort as the locks of the inventories are taken."""
    return item.product_id
