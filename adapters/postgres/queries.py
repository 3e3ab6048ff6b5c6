"""The read half on PostgreSQL: rows of the public views become states, and states views, as everywhere."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg

from adapters.postgres import query_statements as statements
from adapters.postgres.connections import Pool, connected
from adapters.postgres.failures import sentence
from adapters.postgres.generations import READ_MODELS
from adapters.postgres.read_tables import CARTS, INVENTORY, ORDERS, PRODUCTS
from adapters.postgres.rows import is_name
from core.domain.cart import Cart, cart_id_of
from core.domain.inventory import Inventory
from core.domain.product import Product
from core.ports.queries import Page, Progress, QueriesUnavailable
from core.ports.views import CartView, InventoryView, OrderView, ProductView, Shelf
from core.projections.views import cart_view, inventory_view, order_view, product_view

_WIDTH = len(PRODUCTS.columns)

OLDEST = "-infinity"
"""The time of a row that has none."""


class PostgresQueries:
    """Queries through a pool. Each is one statement on one connection, but for a cart, which is two."""

    blocks = True

    def __init__(self, pool: Pool, projector: str = READ_MODELS) -> None:
        """Read what this projector writes."""
        self._pool = pool
        self._projector = projector

    def products(self, page: Page) -> Sequence[ProductView]:
        """List them with their stock."""
        return [product_view(product, stock.available) for product, stock in self._stocked(page)]

    def product(self, product_id: str) -> ProductView | None:
        """Look it up with its stock."""
        for product, stock in self._by_stream([product_id]):
            if product.on_sale:
                return product_view(product, stock.available)
        return None

    def cart(self, user_id: str) -> CartView:
        """Look the cart up, then what is on the shelves."""
        rows = self._ask(statements.carts(), streams=[cart_id_of(user_id)])
        cart = Cart() if not rows else CARTS.state(*rows[0])
        assert isinstance(cart, Cart)  # noqa: S101
        return cart_view(user_id, cart, self.shelves(cart.lines))

    def order(self, order_id: str) -> OrderView | None:
        """Look it up."""
        rows = self._ask(statements.orders_by_stream(), streams=[order_id])
        return order_view(ORDERS.state(*rows[0])) if rows else None

    def orders(self, page: Page, user_id: str | None = None) -> Sequence[OrderView]:
        """List them."""
        statement = statements.orders(behind=page.after is not None, of_one=user_id is not None)
        return [order_view(ORDERS.state(*row)) for row in self._ask(statement, user_id=user_id or "", **_cut(page))]

    def inventory(self, page: Page) -> Sequence[InventoryView]:
        """List the stock of the products of the page."""
        return [inventory_view(stock) for _, stock in self._stocked(page)]

    def shelves(self, product_ids: Iterable[str]) -> Mapping[str, Shelf]:
        """Look products and stock up."""
        return {
            product.product_id: Shelf(product.name, product.on_sale, stock.available)
            for product, stock in self._by_stream(product_ids)
        }

    def progress(self, streams: Iterable[str]) -> Mapping[str, Progress]:
        """Look at the cursors of the live generation."""
        asked = list(streams)
        rows = self._ask(statements.progress(), projector=self._projector, streams=asked)
        found = {stream: Progress(version, parked) for stream, version, parked in rows}
        return {stream: found.get(stream, Progress(0, parked=False)) for stream in asked}
