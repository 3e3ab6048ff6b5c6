"""Reads straight from the rows in memory."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from adapters.inmemory.projection_store import InMemoryProjectionStore
from core.domain.cart import Cart, cart_id_of
from core.domain.inventory import Inventory, inventory_stream
from core.domain.order import Order
from core.domain.product import Product
from core.ports.queries import Page, ProductRow, Progress
from core.ports.views import CartView, InventoryView, OrderView, ProductView, Shelf
from core.projections.views import cart_view, inventory_view, order_view, product_view

S = TypeVar("S", Product, Order, Cart, Inventory)
View = TypeVar("View", ProductView, OrderView)


class InMemoryQueries:
    """The read half over an in-memory projection store; cheap enough to run on an event loop."""

    blocks = False

    def __init__(self, projections: InMemoryProjectionStore) -> None:
        """Read these rows."""
        self._projections = projections

    def products(self, page: Page) -> Sequence[ProductView]:
        """Sort them all and cut the page out."""
        return _page([self._show(product) for product in self._states(Product) if product.on_sale], page)

    def product(self, product_id: str) -> ProductRow | None:
        """Look both rows up, each once: what is shown and its version come from the same one."""
        version, product = self._row(Product, product_id)
        if product is None or not product.on_sale:
            return None
        inventory_version, inventory = self._row(Inventory, inventory_stream(product_id))
        available = inventory.available if inventory else 0
        return ProductRow(product_view(product, available), version, inventory_version)

    def cart(self, user_id: str) -> CartView:
        """Join the lines with their products and stock."""
        cart = self._state(Cart, cart_id_of(user_id)) or Cart()
        return cart_view(user_id, cart, self.shelves(cart.lines))

    def order(self, order_id: str) -> OrderView | None:
        """Look it up."""
        order = self._state(Order, order_id)
        return order_view(order) if order else None

    def orders(self, page: Page, user_id: str | None = None) -> Sequence[OrderView]:
        """Sort them all and cut the page out."""
        return _page([order_view(order) for order in self._states(Order) if user_id in {None, order.user_id}], page)

    def inventory(self, page: Page) -> Sequence[InventoryView]:
        """Give the stock of each product of the page."""
        return [inventory_view(self._inventory(product.id)) for product in self.products(page)]

    def shelves(self, product_ids: Iterable[str]) -> Mapping[str, Shelf]:
        """Join products and stock."""
        return {
            product_id: Shelf(product.name, product.on_sale, self._inventory(product_id).available)
            for product_id in product_ids
            if (product := self._state(Product, product_id))
        }

    def progress(self, streams: Iterable[str]) -> Mapping[str, Progress]:
        """Look at the cursors."""
        standings = [(stream, self._projections.kept().standing(stream)) for stream in streams]
        return {stream: Progress(at.cursor.version, at.parked is not None) for stream, at in standings}

    def _show(self, product: Product) -> ProductView:
        return product_view(product, self._inventory(product.product_id).available)

    def _inventory(self, product_id: str) -> Inventory:
        return self._state(Inventory, inventory_stream(product_id)) or Inventory(product_id)

    def _state(self, kind: type[S], stream: str) -> S | None:
        return self._row(kind, stream)[1]

    def _row(self, kind: type[S], stream: str) -> tuple[int, S | None]:
        row = self._projections.row(stream)
        return (row.version, row.state) if row and isinstance(row.state, kind) else (0, None)

    def _states(self, kind: type[S]) -> Iterable[S]:
        return (row.state for row in self._projections.all_rows() if isinstance(row.state, kind))


def _page(views: list[View], page: Page) -> Sequence[View]:
    views.sort(key=lambda view: (view.created_at, view.id), reverse=True)
    if page.after:
        views = [view for view in views if (view.created_at, view.id) < page.after]
    return views[page.offset : page.offset + page.limit]
