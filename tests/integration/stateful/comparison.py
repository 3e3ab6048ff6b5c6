"""Answers, states and rows of the real shop beside the model's."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from core.application.executor import Answer
from core.domain.aggregate import Aggregate
from core.domain.cart import Cart
from core.domain.inventory import Inventory, StockAdded, inventory_stream
from core.domain.order import Order
from core.domain.product import Product
from core.ports.mailer import OrderMessage
from core.ports.queries import Page
from core.ports.views import CartView, Message
from tests.integration.shop_adapters import CODEC
from tests.integration.shop_processes import ShopUnderTest
from tests.integration.stateful.situations import ADDRESSES, FIRED, SHOPPERS
from tests.unit.shop_model import Json, ShopModel

ALL = Page(limit=1000)

STEPS = {"OrderPlaced": "pending", "OrderPaid": "paid", "OrderShipped": "shipped", "OrderCancelled": "cancelled"}
"""The status that an order has after the event that asks for a mail."""


def hold_answer(answer: Answer[Any], expected: Json) -> None:
    """Compare an answer with the model's; what a cart shows for display only is left out."""
    if isinstance(answer.result, Message):
        assert answer.result.message
        if "available" in expected:
            assert (
                f" {expected['available']:,} {'is' if expected['available'] == 1 else 'are'} available"
                in answer.result.message
            )
        return
    shown = asdict(answer.result)
    if isinstance(answer.result, CartView):
        facts = ("product_id", "quantity", "price")
        shown["items"] = tuple({name: item[name] for name in facts} for item in shown["items"])
    assert shown == expected


def hold_state(model: ShopModel, stream: str, state: Aggregate) -> None:
    """Compare what the store says of a stream with the model."""
    if isinstance(state, Product):
        product = model.products[stream]
        for name in ("name", "description", "price", "image_url", "deleted", "created_at", "updated_at"):
            assert getattr(state, name) == product[name]
    elif isinstance(state, Inventory):
        assert 0 <= state.reserved <= state.total, "oversold"
        assert {"total": state.total, "reserved": state.reserved} == model.stock[state.product_id]
    elif isinstance(state, Cart):
        lines = {line.product_id: {"quantity": line.quantity, "price": line.price} for line in state.lines.values()}
        assert list(lines.items()) == list(model.carts.get(stream.removeprefix("cart-"), {}).items())
    else:
        assert isinstance(state, Order)
        order = model.orders[stream]
        assert [asdict(item) for item in state.items] == order["items"]
        assert state.total == sum(item.quantity * item.price for item in state.items) == order["total"]
        assert (state.user_id, state.status, state.updated_at) == (
            order["user_id"],
            order["status"],
            order["updated_at"],
        )


def look_at_the_read_side(shop: ShopUnderTest, model: ShopModel) -> None:
    """Have everything delivered; then every row is the fold of its events, and what is shown is what the model shows."""
    shop.drain()
    heads = shop.heads()
    standings = shop.projections.standings(heads)
    for stream, version in heads.items():
        row = standings[stream].row
        assert row is not None
        assert (row.version, row.state) == (version, shop.folded(stream))
    queries = shop.queries
    assert [asdict(view) for view in queries.products(ALL)] == model.shown_products()
    assert [asdict(view) for view in queries.inventory(ALL)] == model.shown_inventory()
    assert [asdict(view) for view in queries.orders(ALL)] == model.shown_orders()
    for who in SHOPPERS:
        assert asdict(queries.cart(who)) == model.shown_cart(who)
        assert [asdict(view) for view in queries.orders(ALL, who)] == model.shown_orders(who)
    for what, times in shop.consumer.counts.items():
        FIRED["delivery", what] += times
    shop.consumer.counts.clear()


def look_at_the_mails(shop: ShopUnderTest, model: ShopModel) -> None:
    """Have every mail sent; then each step of each order was told, in order, and again only where a sender could not know."""
    shop.send_mails()
    told: dict[str, dict[str, OrderMessage]] = {order_id: {} for order_id in model.orders}
    for message in shop.mail_server.sent:
        first = told[message.order.id].setdefault(message.event_id, message)
        assert message == first
    for order_id, messages in told.items():
        address = ADDRESSES.get(model.orders[order_id]["user_id"], "")
        said = [(message.recipient, STEPS[message.template], message.reason) for message in messages.values()]
        assert said == [(address, step, reason) for step, reason, _ in model.steps[order_id] if address]
        shown = [asdict(message.order) for message in messages.values()]
        assert shown == [order for _, _, order in model.steps[order_id] if address]
    repeats = len(shop.mail_server.sent) - sum(map(len, told.values()))
    assert repeats <= shop.mail_server.doubts
    FIRED["mail", "sent again"] += repeats
    for mail in shop.adapters.mails.mails(limit=1_000):
        FIRED["mail", mail.status] += 1


def nothing_was_oversold(shop: ShopUnderTest) -> None:
    """Count what was sold of each product in its orders against what ever came in."""
    sold: Counter[str] = Counter()
    for stream in shop.heads():
        state = shop.folded(stream)
        if isinstance(state, Order) and state.status != "cancelled":
            sold.update({item.product_id: item.quantity for item in state.items})
    for product_id, quantity in sold.items():
        stream = inventory_stream(product_id)
        events = [CODEC.decode_event(event) for event in shop.store.read(stream)]
        assert quantity <= sum(event.quantity for event in events if isinstance(event, StockAdded))
