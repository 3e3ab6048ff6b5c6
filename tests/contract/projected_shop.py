"""The scene of the queries' suites: a shop whose events go in through the consumer."""

from datetime import timedelta
from itertools import count
from random import Random

from adapters.inmemory import InMemoryEventFeed, InMemoryEventStore
from adapters.serialization.codec import JsonCodec
from core.delivery.consumer import Consumer
from core.delivery.projector import Projector
from core.domain.cart import ItemAddedToCart, cart_id_of
from core.domain.inventory import StockAdded, StockReserved, inventory_stream
from core.domain.order import OrderItem, OrderPlaced
from core.domain.product import ProductCreated, ProductDeleted
from core.ports.projection_store import ProjectionStore
from core.ports.queries import Page
from core.projections.rows import FOLDS, RowFold
from tests.support.commits import AT, adding, versions
from tests.support.environment import armed_environment

ALL = Page(limit=1000)

SEED = 20_260_102
"""Of the feed, which repeats, delays and reorders on the way to the rows."""


class Shop:
    """Events on their way to the rows. Each event happens a second after the one before; `at` tells the time of the n-th."""

    def __init__(self, projections: ProjectionStore) -> None:
        """Start empty."""
        environment, _ = armed_environment()
        self.store = InMemoryEventStore(JsonCodec(), environment)
        consumer = Consumer(self.store, projections, {FOLDS: RowFold(JsonCodec())}, environment)
        self._feed = InMemoryEventFeed(self.store, environment, Random(SEED))
        self._projector = Projector(self._feed, consumer, environment)
        self._seconds = count(1)
        self.now = AT

    def tick(self) -> None:
        """Let a second pass."""
        self.now = AT + timedelta(seconds=next(self._seconds))

    def write(self, stream: str, *events: object) -> None:
        """Commit events at the stream's head and project them."""
        self.store.commit(adding(*events, to=stream, at_version=len(versions(self.store, stream))))
        while self._feed.lag_seconds():
            self._projector.step()

    def create(self, product_id: str, name: str = "Tea", price: int = 500, stock: int = 0) -> None:
        """Bring a product in, with its stock."""
        self.tick()
        self.write(product_id, ProductCreated(product_id, name, f"About {name}", price, stock, self.now))
        if stock:
            self.write(inventory_stream(product_id), StockAdded(product_id, stock, self.now))

    def delete(self, product_id: str) -> None:
        """Take a product out."""
        self.tick()
        self.write(product_id, ProductDeleted(product_id, self.now))

    def reserve(self, product_id: str, quantity: int) -> None:
        """Promise units of a product to an order."""
        self.write(inventory_stream(product_id), StockReserved(product_id, "o", quantity, self.now))

    def put(self, user_id: str, product_id: str, quantity: int = 1, price: int = 500) -> None:
        """Put units into a shopper's cart."""
        cart_id = cart_id_of(user_id)
        self.write(cart_id, ItemAddedToCart(cart_id, user_id, product_id, quantity, price, self.now))

    def order(self, order_id: str, user_id: str = "u") -> None:
        """Have an order placed."""
        self.tick()
        items = (OrderItem("tea", "Sencha", 2, 500), OrderItem("cup", "湯呑", 1, 900))
        self.write(order_id, OrderPlaced(order_id, user_id, items, 1_900, self.now))


def text(seconds: int) -> str:
    """Write the time so many seconds after the start."""
    return f"2026-01-02T03:04:{5 + seconds:02}.678901Z"
