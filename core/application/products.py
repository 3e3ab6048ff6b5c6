"""Commands on the catalogue and its stock."""

from dataclasses import dataclass

from core.application.work import Work
from core.domain.inventory import Inventory, inventory_stream
from core.domain.product import Product
from core.ports.views import Message, ProductView
from core.projections.views import product_view


@dataclass(frozen=True, slots=True)
class CreateProduct:
    """Bring a product into the catalogue under a new UUID; `price` in yen, `stock` in units."""

    product_id: str
    name: str
    description: str
    price: int
    stock: int


@dataclass(frozen=True, slots=True)
class UpdateProduct:
    """Change name, description and price (yen); only a version in `expected`, where that is given."""

    product_id: str
    name: str
    description: str
    price: int
    expected: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class ChangeProductImage:
    """Show another picture; only of a version in `expected`, where that is given."""

    product_id: str
    image_url: str
    expected: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class DeleteProduct:
    """Take a product out of the catalogue; only a version in `expected`, where that is given."""

    product_id: str
    expected: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class AddStock:
    """Take units in."""

    product_id: str
    quantity: int


def create_product(work: Work, command: CreateProduct) -> ProductView:
    """Write ProductCreated and, unless it starts sold out, StockAdded: one commit."""
    product = work.start(Product, command.product_id)
    created = product.create(
        command.product_id, command.name, command.description, command.price, command.stock, work.at
    )
    product = work.append(Product, command.product_id, created)
    if command.stock:
        stream = inventory_stream(command.product_id)
        inventory = work.start(Inventory, stream)
        work.append(Inventory, stream, inventory.add(command.product_id, command.stock, work.at))
    return product_view(product, command.stock)


def update_product(work: Work, command: UpdateProduct) -> Message:
    """Write ProductUpdated, or nothing where it says so already."""
    product = work.edit(Product, command.product_id)
    product.require(command.product_id)
    work.require_version(command.product_id, command.expected)
    work.append(Product, command.product_id, *product.update(command.name, command.description, command.price, work.at))
    return Message(f"Product {command.product_id} is updated.")


def change_product_image(work: Work, command: ChangeProductImage) -> Message:
    """Write ProductImageUpdated, or nothing where it is shown already."""
    product = work.edit(Product, command.product_id)
    product.require(command.product_id)
    work.require_version(command.product_id, command.expected)
    work.append(Product, command.product_id, *product.change_image(command.image_url, work.at))
    return Message(f"The image of product {command.product_id} is updated.")


def delete_product(work: Work, command: DeleteProduct) -> Message:
    """Write ProductDeleted; carts keep their lines and can no longer order them."""
    product = work.edit(Product, command.product_id)
    product.require(command.product_id)
    work.require_version(command.product_id, command.expected)
    work.append(Product, command.product_id, product.delete(work.at))
    return Message(f"Product {command.product_id} is deleted.")


def add_stock(work: Work, command: AddStock) -> Message:
    """Write StockAdded, and check that the product is still there."""
    work.look(Product, command.product_id).require(command.product_id)
    stream = inventory_stream(command.product_id)
    inventory = work.edit(Inventory, stream)
    after = work.append(Inventory, stream, inventory.add(command.product_id, command.quantity, work.at))
    added = "1 unit is" if command.quantity == 1 else f"{command.quantity:,} units are"
    left = "1 is" if after.available == 1 else f"{after.available:,} are"
    return Message(f"{added} added; {left} available.")
