"""From states to views: the same for the answer to a write and for a row that is read."""

from collections.abc import Mapping
from datetime import datetime

from core.domain.cart import Cart, cart_id_of
from core.domain.inventory import Inventory
from core.domain.order import Order
from core.domain.product import Product
from core.domain.times import instant
from core.ports.views import CartItemView, CartView, InventoryView, OrderItemView, OrderView, ProductView, Shelf

UNKNOWN = Shelf(name="", on_sale=True, available=0)
"""Of a product whose row is not there yet; it was on sale when it was put in."""


def product_view(product: Product, available: int) -> ProductView:
    """Show a product with the units available of it."""
    return ProductView(
        product.product_id,
        product.name,
        product.description,
        product.price,
        available,
        product.image_url,
        product.category_ids,
        _text(product.created_at),
        _text(product.updated_at),
    )


def cart_view(user_id: str, cart: Cart, shelves: Mapping[str, Shelf]) -> CartView:
    """Show a shopper's cart, an empty one too; names and availability come from `shelves`."""
    items = []
    for line in cart.lines.values():
        shelf = shelves.get(line.product_id, UNKNOWN)
        available = shelf.on_sale and (shelf is UNKNOWN or shelf.available >= line.quantity)
        items.append(CartItemView(line.product_id, shelf.name, line.quantity, line.price, available))
    return CartView(cart_id_of(user_id), user_id, tuple(items), cart.total)


def order_view(order: Order) -> OrderView:
    """Show an order."""
    items = tuple(OrderItemView(item.product_id, item.name, item.quantity, item.price) for item in order.items)
    return OrderView(
        order.order_id,
        order.user_id,
        items,
        order.total,
        order.status,
        _text(order.created_at),
        _text(order.updated_at),
    )


def inventory_view(inventory: Inventory) -> InventoryView:
    """Show the stock of a product."""
    return InventoryView(inventory.product_id, inventory.total, inventory.reserved, inventory.available)


def _text(at: datetime | None) -> str:
    return instant(at) if at else ""
