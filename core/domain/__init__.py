"""The shop's rules: one module per aggregate with its events, its state, its decisions."""

from collections.abc import Mapping

from core.domain.aggregate import Aggregate
from core.domain.cart import Cart
from core.domain.inventory import Inventory
from core.domain.order import Order
from core.domain.product import Product
from core.domain.upcasters import UPCASTERS

AGGREGATES: tuple[type[Aggregate], ...] = (Product, Cart, Order, Inventory)

REDACTED: Mapping[str, frozenset[str]] = {
    "UserCreated": frozenset({"password_hash"}),
    "UserPasswordChanged": frozenset({"password_hash"}),
    "UserLoggedIn": frozenset({"ip_address", "user_agent"}),
}
"""Keys of event data, per event type, that never leave the store other than to their own aggregate."""

ADDRESSED = frozenset({"OrderPlaced"})
"""Event types that keep the e-mail of their commit's metadata: of all that an order writes, only the order is the guest's own."""

REDACTED_METADATA = frozenset({"email"})
"""Keys of the metadata beside any event that never leave the store, but to the one who sends mails."""

__all__ = ["ADDRESSED", "AGGREGATES", "REDACTED", "REDACTED_METADATA", "UPCASTERS"]
