"""A shop with tea and cups, an order of tea, and a look at what it holds."""

import pytest

from core.application.orders import PlaceOrder
from core.domain.inventory import Inventory
from core.domain.order import Order
from tests.unit.application.shop import Shop


def counts(shop: Shop, product_id: str = "tea") -> tuple[int, int]:
    inventory = shop.repository.load(Inventory, f"inventory-{product_id}", fresh=True).state
    return inventory.total, inventory.reserved


def status(shop: Shop, order_id: str = "order-1") -> str:
    return shop.repository.load(Order, order_id, fresh=True).state.status


def place(shop: Shop, order_id: str = "order-1", quantity: int = 3) -> None:
    shop.put("tea", quantity)
    shop.run(PlaceOrder(order_id, "mai"))


@pytest.fixture
def stocked_shop(shop: Shop) -> Shop:
    """Give a shop with 10 units of tea at 500 yen and of cups at 900: a module whose tests need it takes it as its `stocked`."""
    shop.stock("tea", price=500)
    shop.stock("cup", price=900)
    return shop
