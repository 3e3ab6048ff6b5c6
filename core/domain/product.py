"""A product of the catalogue. Its stock is the inventory's business; `stock` of ProductCreated is a fact about the start only."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.aggregate import Aggregate, evolves
from core.domain.errors import Invalid, NotFound, bounded, bounded_text

HIGHEST_PRICE = 100_000_000
"""In yen. With the bounds of carts every total stays below 2^53, so JavaScript counts right."""

NEVER_IN_URLS = frozenset(' "<>\\`')
"""RFC 3986 has no place for them; a browser takes a backslash for a slash."""


@dataclass(frozen=True, slots=True)
class ProductCreated:
    """A product came into the catalogue; `price` in yen, `stock` in units."""

    product_id: str
    name: str
    description: str
    price: int
    stock: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ProductUpdated:
    """Its name, description or price (yen) changed."""

    product_id: str
    name: str
    description: str
    price: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ProductDeleted:
    """It left the catalogue for good."""

    product_id: str
    deleted_at: datetime


@dataclass(frozen=True, slots=True)
class ProductCategoryAssigned:
    """It was put into a category."""

    product_id: str
    category_id: str
    assigned_at: datetime


@dataclass(frozen=True, slots=True)
class ProductCategoryRemoved:
    """It was taken out of a category."""

    product_id: str
    category_id: str
    removed_at: datetime


@dataclass(frozen=True, slots=True)
class ProductImageUpdated:
    """Its picture changed."""

    product_id: str
    image_url: str
    updated_at: datetime


class ProductNotFound(NotFound):
    """There is no such product, or it was deleted."""

    code = "product_not_found"


@dataclass(slots=True)
class Product(Aggregate):
    """What the catalogue says today. A deleted product keeps its name, so that carts and orders can still name it."""

    product_id: str = ""
    name: str = ""
    description: str = ""
    price: int = 0
    image_url: str = ""
    category_ids: tuple[str, ...] = ()
    deleted: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def on_sale(self) -> bool:
        """Whether it exists and was not deleted."""
        return self.created_at is not None and not self.deleted

    def require(self, product_id: str) -> None:
        """Refuse to go on without it.

        Raises:
            ProductNotFound: it never existed or was deleted.
        """
        if not self.on_sale:
            raise ProductNotFound(f"There is no product {product_id}.", product_id=product_id)

    @staticmethod
    def create(product_id: str, name: str, description: str, price: int, stock: int, at: datetime) -> ProductCreated:
        """Bring a new product into the catalogue.

        Raises:
            Invalid: a value out of bounds.
        """
        _check(name, description, price)
        bounded("stock", stock, 0, 1_000_000)
        return ProductCreated(product_id, name, description, price, stock, at)

    def update(self, name: str, description: str, price: int, at: datetime) -> list[ProductUpdated]:
        """Change what the catalogue says; nothing where it says so already.

        Raises:
            Invalid: a value out of bounds.
        """
        _check(name, description, price)
        if (name, description, price) == (self.name, self.description, self.price):
            return []
        return [ProductUpdated(self.product_id, name, description, price, at)]

    def delete(self, at: datetime) -> ProductDeleted:
        """Take it out of the catalogue."""
        return ProductDeleted(self.product_id, at)

    def change_image(self, image_url: str, at: datetime) -> list[ProductImageUpdated]:
        """Show another picture: an http(s) address, or a path on this shop; nothing where it is shown already.

        Raises:
            Invalid: another kind of address, a longer one than 2,000 characters, or one with characters that no address has.
        """
        bounded_text("image_url", image_url, 1, 2_000)
        # To a browser `//` begins the address of another host.
        if not image_url.startswith(("https://", "http://", "/")) or image_url.startswith("//"):
            raise Invalid("image_url must begin with https://, http:// or one /.", field="image_url")
        if any(character in NEVER_IN_URLS or not character.isprintable() for character in image_url):
            raise Invalid(
                'image_url must not hold white space, control characters, ", <, >, \\ or `.', field="image_url"
            )
        return [] if image_url == self.image_url else [ProductImageUpdated(self.product_id, image_url, at)]

    def assign_category(self, category_id: str, at: datetime) -> list[ProductCategoryAssigned]:
        """Put it into a category; nothing where it is in it."""
        return [] if category_id in self.category_ids else [ProductCategoryAssigned(self.product_id, category_id, at)]

    def remove_category(self, category_id: str, at: datetime) -> list[ProductCategoryRemoved]:
        """Take it out of a category; nothing where it is not in it."""
        return [ProductCategoryRemoved(self.product_id, category_id, at)] if category_id in self.category_ids else []

    @evolves(ProductCreated)
    def _created(self, event: ProductCreated) -> None:
        self.product_id, self.name, self.description = event.product_id, event.name, event.description
        self.price, self.created_at, self.updated_at = event.price, event.created_at, event.created_at

    @evolves(ProductUpdated)
    def _updated(self, event: ProductUpdated) -> None:
        self.name, self.description, self.price = event.name, event.description, event.price
        self.updated_at = event.updated_at

    @evolves(ProductDeleted)
    def _deleted(self, event: ProductDeleted) -> None:
        self.deleted, self.updated_at = True, event.deleted_at

    @evolves(ProductCategoryAssigned)
    def _assigned(self, event: ProductCategoryAssigned) -> None:
        if event.category_id not in self.category_ids:
            self.category_ids += (event.category_id,)
        self.updated_at = event.assigned_at

    @evolves(ProductCategoryRemoved)
    def _removed(self, event: ProductCategoryRemoved) -> None:
        self.category_ids = tuple(each for each in self.category_ids if each != event.category_id)
        self.updated_at = event.removed_at

    @evolves(ProductImageUpdated)
    def _image_updated(self, event: ProductImageUpdated) -> None:
        self.image_url, self.updated_at = event.image_url, event.updated_at


def _check(name: str, description: str, price: int) -> None:
    bounded_text("name", name, 1, 200)
    if not any(character.isprintable() and not character.isspace() for character in name):
        raise Invalid("name must not be blank", field="name")
    bounded_text("description", description, 0, 5_000)
    bounded("price", price, 1, HIGHEST_PRICE)
