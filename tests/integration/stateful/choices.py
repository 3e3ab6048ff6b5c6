"""What there is to choose from: names, products, orders, shoppers, and commands on them."""

from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from core.application.executor import Answer
from tests.integration.shop_processes import ShopUnderTest
from tests.unit.shop_model import Command, Once, ShopModel


class Choices(RuleBasedStateMachine):
    """The real shop and the model side by side, and the commands that there are to choose from."""

    shop: ShopUnderTest

    def __init__(self) -> None:
        super().__init__()
        self.model = ShopModel()
        self.orders: list[str] = []
        self.keyed: list[tuple[Command, Once, str]] = []
        self.first_answers: dict[str, Answer[Any]] = {}
        self.names = 0
        self.looked_at: dict[str, int] = {}

    def new_name(self, kind: str) -> str:
        self.names += 1
        return f"{kind}-{self.names}"

    def new_product(self, price: int, stock: int) -> Command:
        product_id = self.new_name("p")
        arguments = {
            "product_id": product_id,
            "name": f"Tea {product_id}",
            "description": "",
            "price": price,
            "stock": stock,
        }
        return Command("create_product", arguments)

    def price_change(self, product_id: str, price: int) -> Command:
        name = f"Tea {product_id}"
        return Command("update_product", {"product_id": product_id, "name": name, "description": "", "price": price})

    def addition(self, who: str, product_id: str, quantity: int) -> Command:
        return Command("add_to_cart", {"user_id": who, "product_id": product_id, "quantity": quantity})

    def new_order(self, who: str) -> Command:
        return Command("place_order", {"order_id": self.new_name("o"), "user_id": who})

    def product(self, pick: int) -> str:
        """Choose among a few that are sold and one that is not, so that commands meet."""
        on_sale = [product_id for product_id, product in self.model.products.items() if not product["deleted"]]
        known = on_sale[:4] + [product_id for product_id in self.model.products if product_id not in on_sale][-1:]
        return "never-created" if pick == 11 else known[pick % len(known)]

    def order(self, pick: int) -> str:
        known = self.orders[-4:]
        return "never-placed" if pick == 11 or not known else known[pick % len(known)]

    def shopper(self, who: str, pick: int) -> str:
        """Mostly choose one with something in the cart."""
        filled = [each for each, lines in self.model.carts.items() if lines]
        return filled[pick % len(filled)] if filled and pick < 10 else who
