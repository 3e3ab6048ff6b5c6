"""Commands on a shopper's cart."""

from dataclasses import dataclass

from core.application.work import Work
from core.domain.cart import Cart, cart_id_of
from core.domain.product import Product
from core.ports.views import CartView
from core.projections.views import cart_view


@dataclass(frozen=True, slots=True)
class AddToCart:
    """Add units of a product at the price that is shown now."""

    user_id: str
    product_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class RemoveFromCart:
    """Take a product's line out."""

    user_id: str
    product_id: str


@dataclass(frozen=True, slots=True)
class ClearCart:
    """Take all lines out."""

    user_id: str


def add_to_cart(work: Work, command: AddToCart) -> CartView:
    """Write ItemAddedToCart at a quoted price, which the order will check: this is the one decision that does not."""
    stream = cart_id_of(command.user_id)
    cart = work.edit(Cart, stream)
    product = work.quote(Product, command.product_id)
    product.require(command.product_id)
    added = cart.add(command.user_id, command.product_id, command.quantity, product.price, work.at)
    after = work.append(Cart, stream, added)
    return cart_view(command.user_id, after, work.shelves(after.lines))


def remove_from_cart(work: Work, command: RemoveFromCart) -> CartView:
    """Write ItemRemovedFromCart."""
    stream = cart_id_of(command.user_id)
    cart = work.edit(Cart, stream)
    after = work.append(Cart, stream, cart.remove(command.product_id, work.at))
    return cart_view(command.user_id, after, work.shelves(after.lines))


def clear_cart(work: Work, command: ClearCart) -> CartView:
    """Write CartCleared, or nothing where the cart is empty."""
    stream = cart_id_of(command.user_id)
    cart = work.edit(Cart, stream)
    after = work.append(Cart, stream, *cart.clear(work.at))
    return cart_view(command.user_id, after, {})
