"""Stock comes in, is promised, and leaves or comes free again."""

import pytest

from core.domain.errors import Invalid
from core.domain.inventory import (
    Inventory,
    OutOfStock,
    StockAdded,
    StockDeducted,
    StockReleased,
    StockReserved,
    StockTooLarge,
    inventory_stream,
)
from core.domain.order import OrderItem
from tests.unit.domain.given import AT, LATER, folded, given


def of_tea(quantity: int) -> OrderItem:
    return OrderItem("tea", "Green tea", quantity, 500)


def added(quantity: int) -> StockAdded:
    return StockAdded("tea", quantity, AT)


def reserved(quantity: int, order_id: str = "order-1") -> StockReserved:
    return StockReserved("tea", order_id, quantity, AT)


def counts(*events: object) -> tuple[int, int, int]:
    tea = folded(Inventory(), *events)
    return tea.total, tea.reserved, tea.available


def test_stock_is_named_after_its_product() -> None:
    assert inventory_stream("tea") == "inventory-tea"


def test_the_life_of_stock() -> None:
    released, deducted = StockReleased("tea", "order-1", 3, LATER), StockDeducted("tea", "order-2", 2, LATER)

    assert counts() == (0, 0, 0)
    assert counts(added(10)) == (10, 0, 10)
    assert counts(added(10), reserved(3), reserved(2, "order-2")) == (10, 5, 5)
    assert counts(added(10), reserved(3), reserved(2, "order-2"), released) == (10, 2, 8)
    assert counts(added(10), reserved(3), reserved(2, "order-2"), released, deducted) == (8, 0, 8)
    assert folded(Inventory(), added(10)).product_id == "tea"


@pytest.mark.parametrize("quantity", [1, 1_000_000])
def test_1_to_1_000_000_units_can_be_added(quantity: int) -> None:
    given(Inventory).when(lambda tea: tea.add("tea", quantity, AT)).then(added(quantity))


@pytest.mark.parametrize("quantity", [-1, 0, 1_000_001])
def test_another_quantity_is_refused_naming_the_bounds(quantity: int) -> None:
    given(Inventory).when(lambda tea: tea.add("tea", quantity, AT)).then_refused(
        Invalid, "invalid", "quantity", "1 to 1,000,000", field="quantity"
    )


def test_the_stock_after_an_addition_is_at_most_1_000_000_promised_units_included() -> None:
    nearly = given(Inventory, added(999_999), reserved(500_000))

    nearly.when(lambda tea: tea.add("tea", 1, AT)).then(added(1))
    nearly.when(lambda tea: tea.add("tea", 2, AT)).then_refused(
        StockTooLarge, "stock_too_large", "1,000,000", "999,999", total=999_999
    )


def test_the_last_unit_can_be_promised() -> None:
    given(Inventory, added(10), reserved(7)).when(lambda tea: tea.reserve("order-2", of_tea(3), AT)).then(
        reserved(3, "order-2")
    )


def test_more_than_is_left_is_refused_naming_the_product_and_what_is_left() -> None:
    given(Inventory, added(1_500), reserved(300)).when(
        lambda tea: tea.reserve("order-2", of_tea(1_201), AT)
    ).then_refused(
        OutOfStock, "out_of_stock", "Green tea", "1,200", "1,201", product_id="tea", name="Green tea", left=1_200
    )


def test_what_is_sold_out_is_said_to_be() -> None:
    for events in ([], [added(5), reserved(5)], [added(5), reserved(9)]):
        given(Inventory, *events).when(lambda tea: tea.reserve("order-2", of_tea(1), AT)).then_refused(
            OutOfStock, "out_of_stock", "Green tea", "sold out", product_id="tea", name="Green tea", left=0
        )


def test_a_cancelled_order_frees_and_a_shipped_one_deducts_what_it_held() -> None:
    held = given(Inventory, added(10), reserved(3))

    held.when(lambda tea: tea.release("order-1", of_tea(3), LATER)).then(StockReleased("tea", "order-1", 3, LATER))
    held.when(lambda tea: tea.deduct("order-1", of_tea(3), LATER)).then(StockDeducted("tea", "order-1", 3, LATER))
