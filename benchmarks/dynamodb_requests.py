"""Requests to DynamoDB that a command takes, counted at the client as they leave: warm, snapshots off."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

from adapters.dynamodb.client import dynamodb_client
from adapters.dynamodb.event_store import DynamoDBEventStore
from adapters.dynamodb.layout import Tables
from adapters.dynamodb.tables import create_tables
from adapters.inmemory import InMemoryProjectionStore, InMemoryQueries
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from benchmarks.figures import Benchmark, Effort, Row, Sides
from core.application.carts import AddToCart
from core.application.commands import Commands
from core.application.executor import Executor
from core.application.kept import KeptStates
from core.application.orders import PlaceOrder
from core.application.products import CreateProduct
from core.application.repository import Repository
from core.application.work import QUOTE_MAX_AGE
from tests.support.ministack import ministack

THEIRS = (10, 26, 4, 6, 4)
"""Measured on the Go implementation that went before, in the order of the rows."""


class CountedShop:
    """The write side on fresh tables, with a count of the requests that leave."""

    def __init__(self, endpoint: str) -> None:
        """Make the tables."""
        # Time stands still: a slow machine must not age what is kept, and the look at the table once a minute is nobody's command.
        self._seconds = 0.0
        environment = replace(system_environment(), monotonic=lambda: self._seconds)
        codec, name = JsonCodec(), uuid4().hex
        tables = Tables(f"events-{name}", f"snapshots-{name}", f"claims-{name}")
        client = dynamodb_client("ap-northeast-1", endpoint, credentials=("test", "test"), read_seconds=60.0)
        create_tables(client, tables, environment)
        client.meta.events.register("before-send.dynamodb", self._count)
        store = DynamoDBEventStore(client, tables, codec, environment, 60.0)
        repository = Repository(store, codec, environment, kept=KeptStates())
        queries = InMemoryQueries(InMemoryProjectionStore(environment))
        self._commands = Commands(Executor(store, repository, queries, codec, environment))
        self.requests = 0

    def _count(self, **_request: object) -> None:
        self.requests += 1

    def run(self, command: object) -> int:
        """Run a command; give how many requests it took."""
        before = self.requests
        self._commands.run(command)
        return self.requests - before

    def product(self) -> str:
        """Make a product that is kept from then on."""
        product_id = str(uuid4())
        self.run(_create(product_id))
        return product_id

    def order(self, lines: int) -> int:
        """Count the order of a cart with so many lines."""
        shopper = f"guest-{uuid4()}"
        for _ in range(lines):
            self.run(AddToCart(shopper, self.product(), 1))
        return self.run(PlaceOrder(str(uuid4()), shopper))

    def cart_add(self, price_age: float = 0.0) -> int:
        """Count the second line of a cart, its price kept for so many seconds."""
        shopper = f"guest-{uuid4()}"
        self.run(AddToCart(shopper, self.product(), 1))
        product_id = self.product()
        self._seconds = price_age
        requests = self.run(AddToCart(shopper, product_id, 1))
        self._seconds = 0.0
        return requests


def _create(product_id: str) -> CreateProduct:
    return CreateProduct(product_id, "抹茶 30g", "宇治の石臼挽き抹茶。", 1_620, 40)


@contextmanager
def _sides(_effort: Effort) -> Iterator[Sides]:
    with ministack() as endpoint:
        shop = CountedShop(endpoint)
        shop.product()  # once, the repository asks which table this is

        def ours() -> Sequence[float]:
            create = _create(str(uuid4()))
            return shop.order(1), shop.order(5), shop.cart_add(), shop.run(create), shop.cart_add(QUOTE_MAX_AGE + 1)

        yield Sides(ours, lambda: THEIRS)


NAMES = ("order-1", "order-5", "cart-add", "product-create", "cart-add-old-price")
"""A price that is older than a quote may be is read again; that row promises nothing."""

BENCHMARKS = (
    Benchmark(
        # One request each: as many times fewer than theirs as theirs are.
        tuple(
            Row(f"dynamodb-requests-{name}", "requests", target=None if name == "cart-add-old-price" else theirs)
            for name, theirs in zip(NAMES, THEIRS, strict=True)
        ),
        "measured on the Go implementation that went before",
        _sides,
    ),
)
