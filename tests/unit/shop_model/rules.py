"""What every command does, or is refused for."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.unit.shop_model.shown import ShownShop, total_of
from tests.unit.shop_model.words import Command, Expected, Json, Once, Refusal

KEY_LASTS = timedelta(hours=24)
QUOTE_LASTS = timedelta(seconds=5)
IMAGE_URL = re.compile(r"(https?://|/(?!/))[^\s\x00-\x1f\x7f\"<>\\`]*")

Judged = tuple[list[Refusal], Callable[[], Json]]
"""Why a command is refused, and what it does where it is not."""


@dataclass
class ShopModel(ShownShop):
    """Everything that the shop knows."""

    keys: dict[str, Json] = field(default_factory=dict)
    steps: dict[str, list[tuple[str, str, Json]]] = field(default_factory=dict)
    """What a customer is told of each order: its status, the reason, and the order as it was then."""

    def expects(self, command: Command, at: datetime, once: Once | None = None) -> Expected:
        """Say what the command must answer at this time."""
        held = self.keys.get(once.key) if once else None
        if once and held and held["expires"] > at:
            if held["request"] != once.request:
                return Expected(refusals=(Refusal("idempotency_key_reused", {}),))
            return Expected(first=held["answer"])
        refusals, _ = self._judged(command, at)
        only_gone = [refusal.code for refusal in refusals] == ["product_not_found"]
        either = (
            only_gone and command.name == "add_to_cart" and bool(self.quotable(command.arguments["product_id"], at))
        )
        return Expected(refusals=tuple(refusals), either=either)

    def do(self, command: Command, at: datetime, once: Once | None = None, quoted: int = 0) -> Json:
        """Have the command done, and give its answer. `quoted` is the price that was quoted, where the shop has a choice."""
        _, effect = self._judged(command, at, quoted)
        answer = effect()
        if once:
            self.keys[once.key] = {"request": once.request, "answer": answer, "expires": at + KEY_LASTS}
        return answer

    def _judged(self, command: Command, at: datetime, quoted: int = 0) -> Judged:
        choice = {"quoted": quoted} if command.name == "add_to_cart" else {}
        judge: Callable[..., Judged] = getattr(self, f"_{command.name}")
        return judge(at, **command.arguments, **choice)

    # The catalogue.

    def _create_product(
        self, at: datetime, product_id: str, name: str, description: str, price: int, stock: int
    ) -> Judged:
        def do() -> Json:
            shown = {"name": name, "description": description, "price": price, "image_url": ""}
            self.products[product_id] = shown | {"deleted": False, "created_at": at, "updated_at": at, "earlier": []}
            self.stock[product_id] = {"total": stock, "reserved": 0}
            return self.shown_product(product_id)

        return _texts(name, description) + _price(price) + _out("stock", stock, 0, 1_000_000), do

    def _update_product(self, at: datetime, product_id: str, name: str, description: str, price: int) -> Judged:
        changes = {"name": name, "description": description, "price": price}
        refusals = self._gone(product_id) + _texts(name, description) + _price(price)
        return refusals, lambda: self._change(product_id, at, changes)

    def _change_product_image(self, at: datetime, product_id: str, image_url: str) -> Judged:
        good = len(image_url) <= 2_000 and IMAGE_URL.fullmatch(image_url)
        refusals = self._gone(product_id) + ([] if good else [Refusal("invalid", {"field": "image_url"})])
        return refusals, lambda: self._change(product_id, at, {"image_url": image_url})

    def _delete_product(self, at: datetime, product_id: str) -> Judged:
        return self._gone(product_id), lambda: self._change(product_id, at, {"deleted": True})

    def _add_stock(self, _at: datetime, product_id: str, quantity: int) -> Judged:
        def do() -> Json:
            self.stock[product_id]["total"] += quantity
            return {"available": self.available(product_id)}

        refusals = self._gone(product_id) + _out("quantity", quantity, 1, 1_000_000)
        total = self.stock.get(product_id, {"total": 0})["total"]
        if total + quantity > 1_000_000:
            refusals.append(Refusal("stock_too_large", {"total": total}))
        return refusals, do

    def _gone(self, product_id: str) -> list[Refusal]:
        return [] if self._on_sale(product_id) else [Refusal("product_not_found", {"product_id": product_id})]

    def _change(self, product_id: str, at: datetime, changes: Json) -> Json:
        product = self.products[product_id]
        if any(product[name] != value for name, value in changes.items()):
            product["earlier"].append((product["price"], at))
            product.update(changes, updated_at=at)
        return {}

    def quotable(self, product_id: str, at: datetime) -> set[int]:
        """Give the prices at which the product was sold at any moment of the last five seconds."""
        product = self.products.get(product_id)
        if product is None:
            return set()
        earlier = {price for price, until in product["earlier"] if until >= at - QUOTE_LASTS}
        return earlier if product["deleted"] else earlier | {product["price"]}

    # Carts.

    def _add_to_cart(self, at: datetime, user_id: str, product_id: str, quantity: int, quoted: int) -> Judged:
        def do() -> Json:
            assert quoted in self.quotable(product_id, at), f"{quoted} was no price of the last seconds"
            line = self.carts.setdefault(user_id, {}).setdefault(product_id, {"quantity": 0})
            line.update(quantity=line["quantity"] + quantity, price=quoted)
            return self.answered_cart(user_id)

        refusals = self._gone(product_id) + _out("quantity", quantity, 1, 10_000)
        lines = self.carts.get(user_id, {})
        had = lines[product_id]["quantity"] if product_id in lines else 0
        if not had and len(lines) >= 30:
            refusals.append(Refusal("cart_full", {"lines": 30}))
        if had and had + quantity > 10_000:
            refusals.append(Refusal("quantity_too_large", {"product_id": product_id, "quantity": had}))
        return refusals, do

    def _remove_from_cart(self, _at: datetime, user_id: str, product_id: str) -> Judged:
        def do() -> Json:
            del self.carts[user_id][product_id]
            return self.answered_cart(user_id)

        there = product_id in self.carts.get(user_id, {})
        return [] if there else [Refusal("line_not_found", {"product_id": product_id})], do

    def _clear_cart(self, _at: datetime, user_id: str) -> Judged:
        def do() -> Json:
            self.carts.pop(user_id, None)
            return self.answered_cart(user_id)

        return [], do

    # Orders.

    def _place_order(self, at: datetime, order_id: str, user_id: str) -> Judged:
        lines = self.carts.get(user_id, {})
        refusals = [] if lines else [Refusal("cart_empty", {})]
        for product_id, line in lines.items():
            refusals += self._not_to_be_had(product_id, line)
        return refusals, lambda: self._place(order_id, user_id, at)

    def _not_to_be_had(self, product_id: str, line: Json) -> list[Refusal]:
        product, left, refusals = self.products[product_id], self.available(product_id), list[Refusal]()
        facts = {"product_id": product_id, "name": product["name"]}
        if product["deleted"]:
            refusals.append(Refusal("product_unavailable", facts))
        elif product["price"] != line["price"]:
            prices = {"old_price": line["price"], "new_price": product["price"]}
            refusals.append(Refusal("price_changed", facts | prices))
        if left < line["quantity"]:
            refusals.append(Refusal("out_of_stock", facts | {"left": left}))
        return refusals

    def _place(self, order_id: str, user_id: str, at: datetime) -> Json:
        lines, items = self.carts.pop(user_id), list[Json]()
        for product_id, line in lines.items():
            self.stock[product_id]["reserved"] += line["quantity"]
            items.append({"product_id": product_id, "name": self.products[product_id]["name"], **line})
        times = {"created_at": at, "updated_at": at}
        self.orders[order_id] = {
            "user_id": user_id,
            "items": items,
            "total": total_of(lines),
            "status": "pending",
            **times,
        }
        self._note_step(order_id, "")
        return self.shown_order(order_id)

    def _pay_order(self, at: datetime, order_id: str, user_id: str | None) -> Judged:
        refusals = self._unmovable("order_not_payable", order_id, user_id, {"pending"})
        return refusals, lambda: self._move(order_id, "paid", at)

    def _ship_order(self, at: datetime, order_id: str) -> Judged:
        refusals = self._unmovable("order_not_shippable", order_id, None, {"paid"})
        return refusals, lambda: self._move(order_id, "shipped", at, total=-1, reserved=-1)

    def _cancel_order(self, at: datetime, order_id: str, user_id: str | None, reason: str) -> Judged:
        refusals = self._unmovable("order_not_cancellable", order_id, user_id, {"pending", "paid"})
        if len(reason) > 500 and not self._hidden(order_id, user_id):
            refusals.append(Refusal("invalid", {"field": "reason"}))
        return refusals, lambda: self._move(order_id, "cancelled", at, reserved=-1, reason=reason)

    def _hidden(self, order_id: str, user_id: str | None) -> list[Refusal]:
        if order_id not in self.orders:
            return [Refusal("order_not_found", {"order_id": order_id})]
        mine = user_id in {None, self.orders[order_id]["user_id"]}
        return [] if mine else [Refusal("order_not_yours", {"order_id": order_id})]

    def _unmovable(self, code: str, order_id: str, user_id: str | None, allowed: set[str]) -> list[Refusal]:
        if hidden := self._hidden(order_id, user_id):
            return hidden  # a stranger is told nothing else
        status = self.orders[order_id]["status"]
        return [] if status in allowed else [Refusal(code, {"status": status})]

    def _move(
        self, order_id: str, status: str, at: datetime, *, total: int = 0, reserved: int = 0, reason: str = ""
    ) -> Json:
        order = self.orders[order_id]
        order.update(status=status, updated_at=at)
        for item in order["items"]:
            self.stock[item["product_id"]]["total"] += total * item["quantity"]
            self.stock[item["product_id"]]["reserved"] += reserved * item["quantity"]
        self._note_step(order_id, reason)
        return {}

    def _note_step(self, order_id: str, reason: str) -> None:
        step = self.orders[order_id]["status"], reason, self.shown_order(order_id)
        self.steps.setdefault(order_id, []).append(step)


def _out(name: str, value: int, lowest: int, highest: int) -> list[Refusal]:
    return [] if lowest <= value <= highest else [Refusal("invalid", {"field": name})]


def _price(price: int) -> list[Refusal]:
    return _out("price", price, 1, 100_000_000)


def _texts(name: str, description: str) -> list[Refusal]:
    blank = [] if name.strip() else [Refusal("invalid", {"field": "name"})]
    return _out("name", len(name), 1, 200) + blank + _out("description", len(description), 0, 5_000)
