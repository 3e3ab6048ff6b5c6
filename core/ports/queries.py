"""The read half: rows for people, as far as the projector has come."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from core.ports.views import CartView, InventoryView, OrderView, ProductView, Shelf


class QueriesUnavailable(Exception):
    """The read model cannot be reached now."""


class After(NamedTuple):
    """The last row of the page before: its time (RFC 3339) and id. The next page starts behind it."""

    created_at: str
    id: str


class Page(NamedTuple):
    """Which part of a list: so many rows, from an offset or from behind a row."""

    limit: int = 100
    offset: int = 0
    after: After | None = None


class Progress(NamedTuple):
    """How far the projector has come with a stream; `parked` where it waits for a fix."""

    version: int
    parked: bool


class ProductRow(NamedTuple):
    """A product with the versions of its own stream and of its inventory's that `view` shows; 0 where no inventory is projected."""

    view: ProductView
    version: int
    inventory_version: int


class Queries(Protocol):
    """Rows as the projector last saved them. Lists come newest first: by creation time, then id, both descending.

    Every method raises `QueriesUnavailable` when the read model cannot be reached.
    """

    blocks: bool
    """Whether a call may wait for something outside of this process: it must not run on an event loop then."""

    def products(self, page: Page) -> Sequence[ProductView]:
        """List the products that are not deleted; sold-out ones stay, with stock 0."""

    def product(self, product_id: str) -> ProductRow | None:
        """Give one product with the versions that it is shown at; None where there is none or it was deleted.

        Every event moves the version of its stream on, whether it changes what is shown or not.
        """

    def cart(self, user_id: str) -> CartView:
        """Give a shopper's cart, an empty one where there is none; lines by the order they were first added in."""

    def order(self, order_id: str) -> OrderView | None:
        """Give one order."""

    def orders(self, page: Page, user_id: str | None = None) -> Sequence[OrderView]:
        """List the orders of one shopper, or of all."""

    def inventory(self, page: Page) -> Sequence[InventoryView]:
        """List the stock of the products that are not deleted, in the order of `products`."""

    def shelves(self, product_ids: Iterable[str]) -> Mapping[str, Shelf]:
        """Give what cart lines show of these products, deleted ones too; those without a row are left out."""

    def progress(self, streams: Iterable[str]) -> Mapping[str, Progress]:
        """Tell how far each of these streams is projected; version 0 where nothing was."""
