"""The rules that run commands, with good and bad arguments."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.integration.stateful.outcomes import Outcomes
from tests.integration.stateful.situations import (
    IMPOSSIBLE,
    PICKS,
    PLAINLY,
    PRICES,
    SITUATIONS,
    WHO,
    Situation,
    counted,
)
from tests.unit.shop_model import Command, Json, Once


class CommandRules(Outcomes):
    """Commands in any order."""

    # The catalogue.

    @rule(at=SITUATIONS, price=PRICES, stock=st.integers(0, 4), bad=st.sampled_from([{}, {}, {}, *IMPOSSIBLE]))
    @counted
    def create_a_product(self, at: Situation, price: int, stock: int, bad: Json) -> None:
        command = self.new_product(price, stock)
        self.run(at, Command(command.name, command.arguments | bad))

    @rule(at=SITUATIONS, pick=PICKS, price=PRICES)
    @counted
    def change_a_price(self, at: Situation, pick: int, price: int) -> None:
        self.run(at, self.price_change(self.product(pick), price))

    @rule(at=SITUATIONS, pick=PICKS, image_url=st.sampled_from(["/a.png", "https://b", "ftp://c", "//d"]))
    @counted
    def change_an_image(self, at: Situation, pick: int, image_url: str) -> None:
        self.run(at, Command("change_product_image", {"product_id": self.product(pick), "image_url": image_url}))

    @precondition(lambda self: len(self.model.shown_products()) > 1)
    @rule(at=SITUATIONS, pick=PICKS)
    @counted
    def delete_a_product(self, at: Situation, pick: int) -> None:
        self.run(at, Command("delete_product", {"product_id": self.product(pick)}))

    @rule(at=SITUATIONS, pick=PICKS, quantity=st.sampled_from([1, 2, 5, 5, 0]))
    @counted
    def add_stock(self, at: Situation, pick: int, quantity: int) -> None:
        self.run(at, Command("add_stock", {"product_id": self.product(pick), "quantity": quantity}))

    @rule(at=SITUATIONS, pick=PICKS)
    @counted
    def add_more_than_an_inventory_takes(self, at: Situation, pick: int) -> None:
        command = Command("add_stock", {"product_id": self.product(pick), "quantity": 600_000})
        self.run(PLAINLY[1 - at.process], command)
        self.run(at, command)

    # Carts.

    @rule(at=SITUATIONS, who=WHO, pick=PICKS, quantity=st.sampled_from([1, 1, 1, 2, 2, 3, 0, 10_000]))
    @counted
    def add_to_a_cart(self, at: Situation, who: str, pick: int, quantity: int) -> None:
        self.run(at, self.addition(who, self.product(pick), quantity))

    @rule(at=SITUATIONS, who=WHO, pick=PICKS, quantity=st.sampled_from([1, 2, 10_000]))
    @counted
    def add_the_same_again(self, at: Situation, who: str, pick: int, quantity: int) -> None:
        product_id = self.product(pick)
        self.run(PLAINLY[1 - at.process], self.addition(who, product_id, 1))
        self.run(at, self.addition(who, product_id, quantity))

    @rule(at=SITUATIONS, who=WHO, pick=PICKS, price=PRICES, seconds=st.sampled_from([1, 6]))
    @counted
    def add_one_whose_price_moved(self, at: Situation, who: str, pick: int, price: int, seconds: int) -> None:
        """The other process changed it: so long ago that this one must know, or not."""
        product_id = self.product(pick)
        self.run(PLAINLY[at.process], self.addition(who, product_id, 1))
        self.run(PLAINLY[1 - at.process], self.price_change(product_id, price))
        self.shop.pass_time(seconds)
        self.run(at, self.addition(who, product_id, 1))

    @rule(at=SITUATIONS, who=WHO, pick=PICKS)
    @counted
    def remove_from_a_cart(self, at: Situation, who: str, pick: int) -> None:
        who = self.shopper(who, pick)
        lines = list(self.model.carts.get(who, {})) or ["nothing"]
        self.run(at, Command("remove_from_cart", {"user_id": who, "product_id": lines[pick % len(lines)]}))

    @rule(at=SITUATIONS, who=WHO)
    @counted
    def clear_a_cart(self, at: Situation, who: str) -> None:
        self.run(at, Command("clear_cart", {"user_id": who}))

    # Orders.

    @rule(at=SITUATIONS, who=WHO, pick=PICKS)
    @counted
    def place_an_order(self, at: Situation, who: str, pick: int) -> None:
        self.run(at, self.new_order(self.shopper(who, pick)))

    @rule(at=SITUATIONS, who=WHO, picks=st.lists(PICKS, min_size=1, max_size=3), quantity=st.integers(1, 2))
    @counted
    def buy_at_once(self, at: Situation, who: str, picks: list[int], quantity: int) -> None:
        """A cart is seldom good for an order by chance alone."""
        self.run(PLAINLY[at.process], Command("clear_cart", {"user_id": who}))
        for pick in picks:
            self.run(PLAINLY[at.process], self.addition(who, self.product(pick), quantity))
        self.run(at, self.new_order(who))

    @rule(at=SITUATIONS, who=WHO, pick=PICKS, price=PRICES)
    @counted
    def buy_one_whose_price_moves(self, at: Situation, who: str, pick: int, price: int) -> None:
        """The other process changes it between the cart and the order, and half of the time this one does not know yet."""
        product_id = self.product(pick)
        self.run(PLAINLY[at.process], self.addition(who, product_id, 1))
        self.run(PLAINLY[1 - at.process], self.price_change(product_id, price))
        self.run(at, self.new_order(who))

    @rule(at=SITUATIONS, who=WHO | st.none(), pick=PICKS)
    @counted
    def pay_an_order(self, at: Situation, who: str | None, pick: int) -> None:
        self.run(at, Command("pay_order", {"order_id": self.order(pick), "user_id": who}))

    @precondition(lambda self: self.orders)
    @rule(at=SITUATIONS, pick=PICKS)
    @counted
    def serve_an_order(self, at: Situation, pick: int) -> None:
        """Take the money for it and send it, as the shopkeeper does."""
        order_id = self.orders[pick % len(self.orders)]
        self.run(PLAINLY[1 - at.process], Command("pay_order", {"order_id": order_id, "user_id": None}))
        self.run(at, Command("ship_order", {"order_id": order_id}))

    @rule(at=SITUATIONS, pick=PICKS)
    @counted
    def ship_an_order(self, at: Situation, pick: int) -> None:
        self.run(at, Command("ship_order", {"order_id": self.order(pick)}))

    @rule(at=SITUATIONS, who=WHO | st.none(), pick=PICKS, reason=st.sampled_from(["", "too late", "x" * 501]))
    @counted
    def cancel_an_order(self, at: Situation, who: str | None, pick: int, reason: str) -> None:
        self.run(at, Command("cancel_order", {"order_id": self.order(pick), "user_id": who, "reason": reason}))

    # Idempotency-Keys.

    @precondition(lambda self: self.keyed)
    @rule(at=SITUATIONS, pick=PICKS)
    @counted
    def repeat_a_request(self, at: Situation, pick: int) -> None:
        """As a client does that had no answer, or a user who clicked twice: ids that the shop makes are others this time."""
        command, once, actor = self.keyed[-1 - pick % min(len(self.keyed), 4)]
        arguments = dict(command.arguments)
        for name, kind in (("create_product", "p"), ("place_order", "o")):
            if command.name == name:
                arguments["product_id" if kind == "p" else "order_id"] = self.new_name(kind)
        self.run(at, Command(command.name, arguments), once, actor)

    @precondition(lambda self: self.keyed)
    @rule(at=SITUATIONS, pick=PICKS, who=WHO)
    @counted
    def use_a_key_for_another_request(self, at: Situation, pick: int, who: str) -> None:
        _, once, actor = self.keyed[pick % len(self.keyed)]
        self.run(at, self.new_order(who), Once(once.key, "another request"), actor)
