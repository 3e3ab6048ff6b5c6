"""What a row of each read table is: its columns, and the way from an aggregate's state to them and back.

Plain Python, so that a projector loads neither SQLAlchemy nor a schema; a test compares it with `read_schema`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from core.domain.aggregate import Aggregate
from core.domain.cart import Cart, CartLine
from core.domain.inventory import Inventory
from core.domain.order import Order, OrderItem
from core.domain.product import Product

SMALLEST, BIGGEST = -(2**63), 2**63 - 1
"""What a BIGINT holds."""

_encode = msgspec.json.Encoder().encode
_lines = msgspec.json.Decoder(tuple[CartLine, ...]).decode
_items = msgspec.json.Decoder(tuple[OrderItem, ...]).decode


class Unstorable(ValueError):
    """A state holds what no column takes."""


class ReadTable(NamedTuple):
    """A table of rows that are states of `kind`: after `stream` and `version`, its columns with their types.

    `values` gives them of a state, arrays and JSON as text; `state` makes a state of them, JSON as text, arrays as lists.
    """

    name: str
    kind: type[Aggregate]
    columns: dict[str, str]
    values: Callable[[Any], tuple[object, ...]]
    state: Callable[..., Aggregate]


def _json(things: Sequence[OrderItem | CartLine]) -> str:
    for thing in things:  # JSONB takes numbers of any size; nothing else here does
        if not (SMALLEST <= thing.quantity <= BIGGEST and SMALLEST <= thing.price <= BIGGEST):
            raise Unstorable(f"{thing} holds more than a BIGINT does")
    return _encode(things).decode()


def _array(texts: Sequence[str]) -> str:
    """Write a text[] as PostgreSQL reads it, as lists of different lengths do not fit into one array of arrays."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def product_of(  # noqa: PLR0913, PLR0917 - a row has these columns
    product_id: str,
    name: str,
    description: str,
    price: int,
    image_url: str,
    category_ids: list[str],
    deleted: bool,  # noqa: FBT001 - the same
    created_at: datetime | None,
    updated_at: datetime | None,
) -> Product:
    """Make the state of the columns of `PRODUCTS`."""
    categories = tuple(category_ids)
    return Product(product_id, name, description, price, image_url, categories, deleted, created_at, updated_at)


def cart_of(cart_id: str, user_id: str, items: str) -> Cart:
    """Make the state of the columns of `CARTS`."""
    return Cart(cart_id, user_id, {line.product_id: line for line in _lines(items)})


def order_of(
    order_id: str,
    user_id: str,
    items: str,
    total: int,
    status: Any,  # noqa: ANN401 - one of the domain's words, as it was saved
    created_at: datetime | None,
    updated_at: datetime | None,
) -> Order:
    """Make the state of the columns of `ORDERS`."""
    return Order(order_id, user_id, _items(items), total, status, created_at, updated_at)


TIMES = {"created_at": "timestamptz", "updated_at": "timestamptz"}

PRODUCTS = ReadTable(
    "read_products",
    Product,
    {
        "product_id": "text",
        "name": "text",
        "description": "text",
        "price": "bigint",
        "image_url": "text",
        "category_ids": "text[]",
        "deleted": "boolean",
        **TIMES,
    },
    lambda product: (
        product.product_id,
        product.name,
        product.description,
        product.price,
        product.image_url,
        _array(product.category_ids),
        product.deleted,
        product.created_at,
        product.updated_at,
    ),
    product_of,
)

CARTS = ReadTable(
    "read_carts",
    Cart,
    {"cart_id": "text", "user_id": "text", "items": "jsonb"},
    lambda cart: (cart.cart_id, cart.user_id, _json(list(cart.lines.values()))),
    cart_of,
)

ORDERS = ReadTable(
    "read_orders",
    Order,
    {"order_id": "text", "user_id": "text", "items": "jsonb", "total": "bigint", "status": "text", **TIMES},
    lambda order: (
        order.order_id,
        order.user_id,
        _json(order.items),
        order.total,
        order.status,
        order.created_at,
        order.updated_at,
    ),
    order_of,
)

INVENTORY = ReadTable(
    "read_inventory",
    Inventory,
    {"product_id": "text", "total": "bigint", "reserved": "bigint"},
    lambda inventory: (inventory.product_id, inventory.total, inventory.reserved),
    Inventory,
)

READ_TABLES = {table.kind.__name__: table for table in (PRODUCTS, CARTS, ORDERS, INVENTORY)}
"""By aggregate type."""


def schema_of(generation: int) -> str:
    """Name the schema that holds the rows of a generation."""
    return f"read_{generation:d}"
