"""What clients ask for: a list of steps, each one command on things that are named by number."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple

from core.application.carts import AddToCart
from core.application.orders import CancelOrder, PayOrder, PlaceOrder, ShipOrder
from core.application.products import AddStock, CreateProduct, DeleteProduct, UpdateProduct

SHOPPER = "shopper@shop.example"
"""Where every client wants to hear of orders."""

CLIENTS = 2
PRODUCTS = 3
SHOPPERS = 3

STEPS_AN_ORDER = 4
"""Commands of a workload for each of its orders, about."""

LONGEST_THINKING = 2.0
"""Seconds between two commands of one client."""


class Step(NamedTuple):
    """One command: `do` says which, `on` the numbers of what it is about, `repeat` whether its client tries again when cut off."""

    do: str
    on: Mapping[str, int]
    repeat: bool = False


def generate(orders: int, random: Random) -> list[Step]:
    """Give products, then so many orders with what comes before and after each, mixed."""
    steps = [
        Step("create_product", {"product": number, "stock": random.randint(4, 12)}) for number in range(1, PRODUCTS + 1)
    ]
    later: list[Step] = []
    for order in range(1, orders + 1):
        shopper = random.randint(1, SHOPPERS)
        steps += [
            _step(random, "add_to_cart", shopper=shopper, product=_product(random), units=_units(random))
            for _ in range(random.randint(1, 2))
        ]
        steps.append(_step(random, "place_order", shopper=shopper, order=order))
        later.append(_step(random, "pay_order", order=order))
        if random.random() < 0.6:  # noqa: PLR2004 - most are paid and go out, some are called off
            later.append(_step(random, "ship_order", order=order))
        else:
            later.append(_step(random, "cancel_order", order=order))
        while later and random.random() < 0.7:  # noqa: PLR2004 - what follows an order comes a little after it
            steps.append(later.pop(0))
        if random.random() < 0.3:  # noqa: PLR2004
            steps.append(_step(random, "add_stock", product=_product(random), units=random.randint(1, 4)))
        if random.random() < 0.1:  # noqa: PLR2004
            steps.append(_step(random, "update_product", product=_product(random), price=random.randint(1, 5) * 100))
        if random.random() < 0.05:  # noqa: PLR2004
            steps.append(_step(random, "delete_product", product=_product(random)))
    return steps + later


def _step(random: Random, do: str, **on: int) -> Step:
    return Step(do, on, repeat=random.random() < 0.5)  # noqa: PLR2004


def _product(random: Random) -> int:
    return random.randint(1, PRODUCTS)


def _units(random: Random) -> int:
    return random.randint(1, 3)


def name_of(kind: str, number: int) -> str:
    """Give the id of the thing with this number, a UUID that can be read."""
    letters = {"product": "a", "shopper": "b", "order": "c"}
    return f"{letters[kind] * 8}-0000-7000-8000-{number:012d}"


def command_of(step: Step) -> object:
    """Make the command of a step."""
    return _MAKERS[step.do](step.on)


_MAKERS: Mapping[str, Callable[[Mapping[str, int]], object]] = {
    "create_product": lambda on: CreateProduct(
        name_of("product", on["product"]), f"Product {on['product']}", "", 100 * on["product"], on["stock"]
    ),
    "add_to_cart": lambda on: AddToCart(
        name_of("shopper", on["shopper"]), name_of("product", on["product"]), on["units"]
    ),
    "place_order": lambda on: PlaceOrder(name_of("order", on["order"]), name_of("shopper", on["shopper"])),
    "pay_order": lambda on: PayOrder(name_of("order", on["order"]), None),
    "ship_order": lambda on: ShipOrder(name_of("order", on["order"])),
    "cancel_order": lambda on: CancelOrder(name_of("order", on["order"]), None, "changed my mind"),
    "add_stock": lambda on: AddStock(name_of("product", on["product"]), on["units"]),
    "delete_product": lambda on: DeleteProduct(name_of("product", on["product"])),
    "update_product": lambda on: UpdateProduct(
        name_of("product", on["product"]), f"Product {on['product']}", "", on["price"]
    ),
}

THINGS: Mapping[str, tuple[str, ...]] = {
    "create_product": ("product", "stock"),
    "add_to_cart": ("shopper", "product", "units"),
    "place_order": ("shopper", "order"),
    "pay_order": ("order",),
    "ship_order": ("order",),
    "cancel_order": ("order",),
    "add_stock": ("product", "units"),
    "delete_product": ("product",),
    "update_product": ("product", "price"),
}
"""What each step is about, by number."""

EFFECTS: Mapping[str, tuple[str, str]] = {
    "create_product": ("ProductCreated", "product"),
    "place_order": ("OrderPlaced", "order"),
    "pay_order": ("OrderPaid", "order"),
    "ship_order": ("OrderShipped", "order"),
    "cancel_order": ("OrderCancelled", "order"),
    "delete_product": ("ProductDeleted", "product"),
}
"""The event, and the thing that it is about, without which a step cannot have been done."""


def effect_of(step: Step) -> tuple[str, str] | None:
    """Give the type and the stream of the event that must be there when a client is told that the step is done."""
    if step.do not in EFFECTS:
        return None
    kind, thing = EFFECTS[step.do]
    return kind, name_of(thing, step.on[thing])


def sentence(step: Step) -> str:
    """Say a step in words."""
    words = {
        "create_product": "the shop puts product {product} on sale, {stock} units of it",
        "add_to_cart": "shopper {shopper} puts {units} of product {product} into the cart",
        "place_order": "shopper {shopper} places order {order}",
        "pay_order": "order {order} is paid",
        "ship_order": "order {order} is shipped",
        "cancel_order": "order {order} is cancelled",
        "add_stock": "{units} units of product {product} come in",
        "delete_product": "product {product} is taken out of the catalogue",
        "update_product": "product {product} gets the price {price}",
    }
    return words[step.do].format(**step.on)


def shares(steps: Sequence[Step], clients: int = CLIENTS) -> list[list[Step]]:
    """Deal the steps out to clients: all about one order to the same, as its shopper has one browser, the others in turn."""
    dealt: list[list[Step]] = [[] for _ in range(clients)]
    for place, step in enumerate(steps):
        dealt[step.on.get("order", place) % clients].append(step)
    return dealt
