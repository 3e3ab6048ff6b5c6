"""A cart that is ready to be ordered, and a key to order it with."""

from core.application.idempotency import Once
from tests.unit.application.shop import Shop

ONCE = Once("POST /orders mai 1", "sha-256 of the request")

ANOTHER = Once(ONCE.key, "sha-256 of another request")


def ordering() -> Shop:
    """Give a shop with a cart that is ready to be ordered."""
    shop = Shop()
    shop.stock("tea")
    shop.put("tea", 2)
    return shop


def orders_of(shop: Shop) -> int:
    return sum(("OrderPlaced" in [event_type for _, event_type in commit]) for commit in shop.commits())
