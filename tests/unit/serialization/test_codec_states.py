"""The JSON of states and answers: read back as it was written, or refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import AGGREGATES
from core.domain.cart import Cart
from core.domain.inventory import Inventory
from core.domain.order import Order
from core.domain.product import Product
from core.ports.events import Undecodable
from core.ports.views import CartItemView, CartView, Message, OrderItemView, OrderView, ProductView
from tests.unit.examples import any_event, few
from tests.unit.serialization.json_of_events import CODEC


@few
@given(st.sampled_from(AGGREGATES), st.lists(any_event, max_size=8))
def test_every_state_is_read_back_as_it_was_written(kind: type[Any], history: list[object]) -> None:
    state = kind()
    for event in history:
        state.evolve(event)

    assert CODEC.decode(CODEC.encode(state), kind) == state


STATES: dict[type[Any], tuple[int, str]] = {
    Product: (1, "product_id name description price image_url category_ids deleted created_at updated_at"),
    Cart: (1, "cart_id user_id lines"),
    Order: (1, "order_id user_id items total status created_at updated_at"),
    Inventory: (1, "product_id total reserved"),
}


def test_a_state_whose_fields_change_raises_its_schema_version() -> None:
    # A snapshot that lacks a field would be read with the field's default, not refused: the schema version alone tells it apart.
    assert {kind: (kind.schema_version, " ".join(json.loads(CODEC.encode(kind())))) for kind in AGGREGATES} == STATES


@pytest.mark.parametrize(
    "answer",
    [
        Message("Done."),
        ProductView("tea", "緑茶", "", 500, 3, "", ("drinks", "gifts"), "2026-01-02T03:04:05.678901Z", ""),
        CartView("cart-mai", "mai", (CartItemView("tea", "Tea", 2, 500, available=True),), 1_000),
        OrderView("order-1", "mai", (OrderItemView("tea", "Tea", 2, 500),), 1_000, "pending", "a", "b"),
    ],
)
def test_every_answer_is_read_back_as_it_was_written(answer: object) -> None:
    assert CODEC.decode(CODEC.encode(answer), type(answer)) == answer


@pytest.mark.parametrize(
    "data", [b"", b"{", b"null", b"[]", b"\xff", b'{"total":"many"}', b'{"total":1.5}', b"[" * 100_000]
)
@pytest.mark.parametrize("kind", [Inventory, Order])
def test_a_state_that_does_not_fit_is_undecodable(data: bytes, kind: type[object]) -> None:
    with pytest.raises(Undecodable, match=kind.__name__):
        CODEC.decode(data, kind)
