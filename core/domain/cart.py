"""A shopper's cart: one line per product, each with the price that the shopper saw."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Self

from core.domain.aggregate import Aggregate, evolves
from core.domain.errors import Invalid, NotFound, bounded

MOST_LINES = 30
MOST_UNITS = 10_000
"""Of one line, and of one addition."""


def cart_id_of(user_id: str) -> str:
    """Name a shopper's cart, which is its stream as well."""
    return f"cart-{user_id}"


@dataclass(frozen=True, slots=True)
class ItemAddedToCart:
    """So many units were added to the product's line, at the price (yen) that was shown."""

    cart_id: str
    user_id: str
    product_id: str
    quantity: int
    price: int
    added_at: datetime


@dataclass(frozen=True, slots=True)
class ItemRemovedFromCart:
    """The product's line was taken out."""

    cart_id: str
    user_id: str
    product_id: str
    removed_at: datetime


@dataclass(frozen=True, slots=True)
class CartCleared:
    """Every line was taken out: by the shopper, or because they were ordered.

    Schema 2 says as which order: `order_id` is empty where the shopper gave them up, and where the event was written before.
    """

    schema_version: ClassVar[int] = 2

    cart_id: str
    user_id: str
    cleared_at: datetime
    order_id: str


class LineNotFound(NotFound):
    """The cart has no line for the product."""

    code = "line_not_found"


class CartFull(Invalid):
    """The cart has as many lines as a cart takes."""

    code = "cart_full"


class QuantityTooLarge(Invalid):
    """The line would pass the units that a line takes."""

    code = "quantity_too_large"


@dataclass(frozen=True, slots=True)
class CartLine:
    """One product in a cart: units, and the price in yen when it was last added."""

    product_id: str
    quantity: int
    price: int


@dataclass(slots=True)
class Cart(Aggregate):
    """The lines by product id, in the order in which the products were first added."""

    cart_id: str = ""
    user_id: str = ""
    lines: dict[str, CartLine] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """The sum of all lines, in yen."""
        return sum(line.quantity * line.price for line in self.lines.values())

    def add(self, user_id: str, product_id: str, quantity: int, price: int, at: datetime) -> ItemAddedToCart:
        """Add units of a product at today's price, which becomes the price of the whole line.

        Raises:
            Invalid: the quantity is out of bounds.
            QuantityTooLarge: the line would pass 10,000 units.
            CartFull: it would be line 31.
        """
        bounded("quantity", quantity, 1, MOST_UNITS)
        line = self.lines.get(product_id)
        if line is None and len(self.lines) >= MOST_LINES:
            raise CartFull(f"A cart takes {MOST_LINES} lines; order or remove one first.", lines=len(self.lines))
        if line and line.quantity + quantity > MOST_UNITS:
            raise QuantityTooLarge(
                f"A line takes {MOST_UNITS:,} units; yours has {line.quantity:,} already.",
                product_id=product_id,
                quantity=line.quantity,
            )
        return ItemAddedToCart(cart_id_of(user_id), user_id, product_id, quantity, price, at)

    def remove(self, product_id: str, at: datetime) -> ItemRemovedFromCart:
        """Take a line out.

        Raises:
            LineNotFound: there is none for this product.
        """
        if product_id not in self.lines:
            raise LineNotFound(f"Product {product_id} is not in the cart.", product_id=product_id)
        return ItemRemovedFromCart(self.cart_id, self.user_id, product_id, at)

    def clear(self, at: datetime, order_id: str = "") -> list[CartCleared]:
        """Take all lines out, into an order where one is named; nothing where there is none."""
        return [CartCleared(self.cart_id, self.user_id, at, order_id)] if self.lines else []

    def copy(self) -> Self:
        """Give a copy with its own lines."""
        return type(self)(self.cart_id, self.user_id, dict(self.lines))

    @evolves(ItemAddedToCart)
    def _added(self, event: ItemAddedToCart) -> None:
        self.cart_id, self.user_id = event.cart_id, event.user_id
        before = self.lines.get(event.product_id)
        quantity = event.quantity + (before.quantity if before else 0)
        self.lines[event.product_id] = CartLine(event.product_id, quantity, event.price)

    @evolves(ItemRemovedFromCart)
    def _removed(self, event: ItemRemovedFromCart) -> None:
        self.lines.pop(event.product_id, None)

    @evolves(CartCleared)
    def _cleared(self, _event: CartCleared) -> None:
        self.lines.clear()
