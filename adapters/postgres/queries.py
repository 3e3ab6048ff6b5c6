"""The read half on PostgreSQL: rows of the public views become states, and states views, as everywhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg

from adapters.postgres import query_statements as statements
from adapters.postgres.connections import Pool, connected
from adapters.postgres.failures import lost_connection, sentence
from adapters.postgres.read_tables import PRODUCTS, cart_of, order_of, product_of
from adapters.postgres.rows import is_name
from core.domain.cart import Cart, cart_id_of
from core.domain.inventory import Inventory
from core.domain.product import Product
from core.ports.queries import Page, ProductRow, Progress, QueriesUnavailable
from core.ports.views import CartView, InventoryView, OrderView, ProductView, Shelf
from core.projections.rows import READ_MODELS
from core.projections.views import cart_view, inventory_view, order_view, product_view

_PRODUCT_ENDS = 1 + len(PRODUCTS.columns)

OLDEST = "-infinity"
"""The time of what has none."""


class Stocked(NamedTuple):
    """A product and its stock as their rows are, with the rows' versions."""

    version: int
    product: Product
    inventory_version: int
    inventory: Inventory


class PostgresQueries:
    """Queries through a pool. Each is one statement on one connection, but for a cart, which is two."""

    blocks = True

    def __init__(self, pool: Pool, projector: str = READ_MODELS) -> None:
        """Read what this projector writes."""
        self._pool = pool
        self._projector = projector

    def products(self, page: Page) -> Sequence[ProductView]:
        """List them with their stock."""
        return [product_view(each.product, each.inventory.available) for each in self._page_of_products(page)]

    def product(self, product_id: str) -> ProductRow | None:
        """Look both rows up in one statement: what is shown and its version come from the same one."""
        for version, product, inventory_version, inventory in self._products([product_id]):
            if product.on_sale:
                return ProductRow(product_view(product, inventory.available), version, inventory_version)
        return None

    def cart(self, user_id: str) -> CartView:
        """Look the cart up, then what is on the shelves."""
        rows = self._ask(statements.carts(), streams=[cart_id_of(user_id)])
        cart = cart_of(*rows[0]) if rows else Cart()
        return cart_view(user_id, cart, self.shelves(cart.lines))

    def order(self, order_id: str) -> OrderView | None:
        """Look it up."""
        rows = self._ask(statements.orders_by_stream(), streams=[order_id])
        return order_view(order_of(*rows[0])) if rows else None

    def orders(self, page: Page, user_id: str | None = None) -> Sequence[OrderView]:
        """List them."""
        statement = statements.orders(behind=page.after is not None, of_one=user_id is not None)
        return [order_view(order_of(*row)) for row in self._ask(statement, user_id=user_id or "", **_cut(page))]

    def inventory(self, page: Page) -> Sequence[InventoryView]:
        """List the stock of the products of the page."""
        return [inventory_view(each.inventory) for each in self._page_of_products(page)]

    def shelves(self, product_ids: Iterable[str]) -> Mapping[str, Shelf]:
        """Look products and stock up."""
        return {
            product.product_id: Shelf(product.name, product.on_sale, inventory.available)
            for _, product, _, inventory in self._products(list(product_ids))
        }

    def progress(self, streams: Iterable[str]) -> Mapping[str, Progress]:
        """Look at the cursors of the live generation."""
        asked = list(streams)
        rows = self._ask(statements.progress(), projector=self._projector, streams=asked)
        found = {stream: Progress(version, parked) for stream, version, parked in rows}
        return {stream: found.get(stream, Progress(0, parked=False)) for stream in asked}

    def _page_of_products(self, page: Page) -> Iterator[Stocked]:
        return map(_stocked, self._ask(statements.products(behind=page.after is not None), **_cut(page)))

    def _products(self, product_ids: Sequence[str]) -> Iterator[Stocked]:
        return map(_stocked, self._ask(statements.products_by_stream(), streams=product_ids))

    def _ask(self, statement: bytes, **parameters: object) -> Sequence[tuple[Any, ...]]:
        """Give all rows; none where a name is no text that PostgreSQL holds, as nothing is there under it."""
        if not all(map(is_name, _texts(parameters.values()))):
            return []
        try:
            try:
                return self._asked(statement, parameters)
            except psycopg.Error as error:
                # A server that was restarted has closed what lay in the pool; a query changes nothing, so it is asked on another.
                if not lost_connection(error):
                    raise
                return self._asked(statement, parameters)
        except psycopg.Error as error:
            raise QueriesUnavailable(sentence(error)) from error

    def _asked(self, statement: bytes, parameters: Mapping[str, object]) -> Sequence[tuple[Any, ...]]:
        with connected(self._pool) as connection:
            rows = connection.cursor(binary=True)
            try:
                return rows.execute(statement, parameters).fetchall()
            except psycopg.errors.FeatureNotSupported:
                # SQLSTATE 0A000: it was prepared before a swap, for views that gave other types. psycopg sees this, and prepares anew.
                connection.execute("DEALLOCATE ALL")
                return rows.execute(statement, parameters).fetchall()


def _stocked(row: tuple[Any, ...]) -> Stocked:
    version, product = row[0], product_of(*row[1:_PRODUCT_ENDS])
    inventory_version, inventory = row[_PRODUCT_ENDS], row[_PRODUCT_ENDS + 1 :]
    if inventory_version is None:
        return Stocked(version, product, 0, Inventory(product.product_id))
    return Stocked(version, product, inventory_version, Inventory(*inventory))


def _cut(page: Page) -> dict[str, object]:
    cut: dict[str, object] = {"limit": page.limit, "offset": page.offset}
    if page.after:
        cut |= {"after_time": page.after.created_at or OLDEST, "after_id": page.after.id}
    return cut


def _texts(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from value
