"""What people are shown. Times are RFC 3339 text in UTC, money is yen, stock is units."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product of the catalogue; `stock` is what is available."""

    id: str
    name: str
    description: str
    price: int
    stock: int
    image_url: str
    category_ids: tuple[str, ...]
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class CartItemView:
    """A line of a cart; `available` is false where the product is deleted or less is left than the line's quantity."""

    product_id: str
    name: str
    quantity: int
    price: int
    available: bool


@dataclass(frozen=True, slots=True)
class CartView:
    """A cart; `total` is the sum of all lines."""

    id: str
    user_id: str
    items: tuple[CartItemView, ...]
    total: int


@dataclass(frozen=True, slots=True)
class OrderItemView:
    """A line of an order, as it was when it was placed."""

    product_id: str
    name: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order; `status` is pending, paid, shipped or cancelled."""

    id: str
    user_id: str
    items: tuple[OrderItemView, ...]
    total: int
    status: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class InventoryView:
    """The stock of a product."""

    product_id: str
    total_stock: int
    reserved_stock: int
    available_stock: int


@dataclass(frozen=True, slots=True)
class Message:
    """The answer to a write that shows nothing."""

    message: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a cart line shows of its product: its name, whether it is sold, and the units available."""

    name: str
    on_sale: bool
    available: int


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail about an order and what became of it; what it said only where it was caught instead of sent."""

    event_id: str
    event_type: str
    order_id: str
    status: str
    recipient: str
    attempts: int
    error: str
    happened_at: str
    settled_at: str
    subject: str
    correlation_id: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class EventView:
    """A recorded event without what must not be shown; `data` and `metadata` are plain JSON values."""

    id: str
    aggregate_id: str
    aggregate_type: str
    version: int
    event_type: str
    schema_version: int
    data: Mapping[str, object]
    created_at: str
    commit_id: str
    metadata: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class StateView:
    """An aggregate as it was after `version` events; `state` is plain JSON values."""

    aggregate_id: str
    aggregate_type: str
    version: int
    state: Mapping[str, object]
