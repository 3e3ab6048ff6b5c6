"""The workload of the read side's benchmarks: what a busy shop's change feed carries, in the order of its commits."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.domain.cart import CartCleared, ItemAddedToCart, cart_id_of
from core.domain.inventory import StockAdded, StockDeducted, StockReserved, inventory_stream
from core.domain.order import OrderItem, OrderPaid, OrderPlaced, OrderShipped
from core.domain.product import ProductCreated
from core.ports.event_feed import Doorbell
from core.ports.events import Metadata, RecordedEvent

PRODUCTS = 200
AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

Happened = tuple[str, object]
"""A stream and what happened on it."""


class BusyShop:
    """Shoppers each put two products into a cart, order them and pay; two days' worth of orders later theirs are shipped."""

    def __init__(self, seed: int = 1) -> None:
        """Start with products in stock, whose doorbells come first."""
        self._chance = Random(seed)
        self._environment = system_environment()
        self._encode = JsonCodec().encode_event
        self._versions: Counter[str] = Counter()
        self._happenings = self._happen()
        self._metadata = Metadata("a-request", "a-request", "PlaceOrder", "a-shopper", "ja")

    def doorbells(self, count: int) -> list[Doorbell]:
        """Give the next ones, with their events decoded from the change record."""
        return [self._doorbell(*next(self._happenings)) for _ in range(count)]

    def _happen(self) -> Iterator[Happened]:
        for number in range(PRODUCTS):
            product_id, stream = _product(number), inventory_stream(_product(number))
            yield (
                product_id,
                ProductCreated(product_id, f"煎茶 {number}", "Green tea of the first harvest.", 1_200, 0, AT),
            )
            yield stream, StockAdded(product_id, 1_000_000, AT)
        paid: list[tuple[str, tuple[OrderItem, ...]]] = []
        number = 0
        while True:
            number += 1
            at = AT + timedelta(seconds=number)
            user_id, order_id = f"guest-{self._environment.new_id()}", self._environment.new_id()
            cart_id = cart_id_of(user_id)
            chosen = self._chance.sample(range(PRODUCTS), 2)
            items = tuple(OrderItem(_product(each), f"煎茶 {each}", 2, 1_200) for each in sorted(chosen))
            for item in items:
                yield cart_id, ItemAddedToCart(cart_id, user_id, item.product_id, item.quantity, item.price, at)
            yield order_id, OrderPlaced(order_id, user_id, items, 4_800, at)
            for item in items:
                yield inventory_stream(item.product_id), StockReserved(item.product_id, order_id, item.quantity, at)
            yield cart_id, CartCleared(cart_id, user_id, at, order_id)
            yield order_id, OrderPaid(order_id, at)
            paid.append((order_id, items))
            if len(paid) > PRODUCTS:
                order_id, items = paid.pop(0)
                yield order_id, OrderShipped(order_id, at)
                for item in items:
                    yield inventory_stream(item.product_id), StockDeducted(item.product_id, order_id, item.quantity, at)

    def _doorbell(self, stream: str, happened: object) -> Doorbell:
        aggregate_type, event_type, schema_version, data = self._encode(happened)
        self._versions[stream] += 1
        event = RecordedEvent(
            self._environment.new_id(),
            stream,
            self._versions[stream],
            aggregate_type,
            event_type,
            schema_version,
            data,
            AT,
            "a-commit",
            self._metadata,
        )
        return Doorbell(stream, event.version, event, event.id)


def _product(number: int) -> str:
    return f"0190d5a8-2f5e-7c31-9d2b-{number:012}"
