"""What people are shown of the shop."""

from dataclasses import dataclass, field
from typing import Any

from tests.unit.shop_model.words import Json


@dataclass
class ShownShop:
    """What the shop knows of products, stock, carts and orders, and how it shows them."""

    products: dict[str, Json] = field(default_factory=dict)
    stock: dict[str, Json] = field(default_factory=dict)
    carts: dict[str, dict[str, Json]] = field(default_factory=dict)
    orders: dict[str, Json] = field(default_factory=dict)

    def _on_sale(self, product_id: str) -> bool:
        return product_id in self.products and not self.products[product_id]["deleted"]

    def available(self, product_id: str) -> int:
        """Tell how many units nobody was promised."""
        stock: dict[str, int] = self.stock[product_id]
        return stock["total"] - stock["reserved"]

    def shown_product(self, product_id: str) -> Json:
        """Show a product."""
        product = self.products[product_id]
        return {
            "id": product_id,
            **{name: product[name] for name in ("name", "description", "price", "image_url")},
            "stock": self.available(product_id),
            "category_ids": (),
            **_times(product),
        }

    def shown_products(self) -> list[Json]:
        """List what is on sale."""
        return _newest_first(
            self.shown_product(product_id) for product_id in self.products if self._on_sale(product_id)
        )

    def shown_inventory(self) -> list[Json]:
        """List the stock of what is on sale."""
        return [
            {
                "product_id": product["id"],
                "total_stock": self.stock[product["id"]]["total"],
                "reserved_stock": self.stock[product["id"]]["reserved"],
                "available_stock": self.available(product["id"]),
            }
            for product in self.shown_products()
        ]

    def answered_cart(self, user_id: str) -> Json:
        """Show a cart as the answer to a write must: without what is only for display."""
        lines = self.carts.get(user_id, {})
        items = tuple({"product_id": product_id, **line} for product_id, line in lines.items())
        return {"id": f"cart-{user_id}", "user_id": user_id, "items": items, "total": total_of(lines)}

    def shown_cart(self, user_id: str) -> Json:
        """Show a cart with everything."""
        cart = self.answered_cart(user_id)
        shown = []
        for item in cart["items"]:
            product_id = item["product_id"]
            available = self._on_sale(product_id) and self.available(product_id) >= item["quantity"]
            shown.append(item | {"name": self.products[product_id]["name"], "available": available})
        return cart | {"items": tuple(shown)}

    def shown_order(self, order_id: str) -> Json:
        """Show an order."""
        order = self.orders[order_id]
        facts = {name: order[name] for name in ("user_id", "total", "status")}
        return {"id": order_id, **facts, "items": tuple(order["items"]), **_times(order)}

    def shown_orders(self, user_id: str | None = None) -> list[Json]:
        """List the orders of one shopper, or of all."""
        return _newest_first(
            self.shown_order(order_id) for order_id, order in self.orders.items() if user_id in {None, order["user_id"]}
        )


def total_of(lines: dict[str, Json]) -> int:
    """Add up the lines of a cart."""
    return sum(line["quantity"] * line["price"] for line in lines.values())


def _times(thing: Json) -> Json:
    return {name: f"{thing[name]:%Y-%m-%dT%H:%M:%S.%fZ}" for name in ("created_at", "updated_at")}


def _newest_first(things: Any) -> list[Json]:  # noqa: ANN401 - an iterable of them
    return sorted(things, key=lambda thing: (thing["created_at"], thing["id"]), reverse=True)
