"""A batch that cannot be saved whole saves nothing."""

import pytest

from core.domain.aggregate import Aggregate
from core.domain.cart import Cart, CartLine
from core.domain.inventory import Inventory
from core.domain.order import Order, OrderItem
from core.domain.product import Product
from core.ports.projection_store import Change, Cursor, CursorMoved, Parked, ProjectionStore, Row, RowRefused
from tests.contract.changes import LIVE, START, at, moved, row, saved, what_is_there
from tests.support.commits import AT


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_batch_that_is_left_with_an_error_saves_nothing(
    projections: ProjectionStore, error: type[BaseException]
) -> None:
    saved(projections, moved("s", START, at(1)))

    with pytest.raises(error), projections.transaction() as transaction:  # noqa: PT012 - the error is the end of the batch
        transaction.lock(["s", "t"])
        transaction.note_unreadable("7", "broken")
        transaction.save({LIVE: [moved("s", at(1), at(2)), moved("t", START, at(2), Parked("t", 3, "broken", 1, 3))]})
        raise error

    assert what_is_there(projections, "s", "t") == ({"s": at(1), "t": START}, {"s": row("s", 1)}, {})
    assert projections.parked_streams() == []
    assert projections.unreadable_records() == []


@pytest.mark.parametrize(
    "loaded",
    [START, at(1), at(3), Cursor(2, "another-event")],
    ids=["before the first", "behind", "ahead", "at another event"],
)
def test_saving_a_cursor_that_is_not_the_loaded_one_fails_and_saves_nothing(
    projections: ProjectionStore, loaded: Cursor
) -> None:
    saved(projections, moved("s", START, at(2)))

    with pytest.raises(CursorMoved), projections.transaction() as transaction:  # noqa: PT012 - at the latest when it commits
        transaction.lock(["r", "s", "t"])
        transaction.note_unreadable("7", "broken")
        transaction.save({LIVE: [moved("r", START, at(1)), moved("s", loaded, at(4)), moved("t", START, at(1))]})

    assert what_is_there(projections, "r", "s", "t")[:2] == (
        {"r": START, "s": at(2), "t": START},
        {"s": row("s", 2)},
    )
    assert projections.unreadable_records() == []


UNSTORABLE: dict[str, Aggregate] = {
    "a NUL in a text": Product("p", "te\0a", created_at=AT, updated_at=AT),
    "half a surrogate pair": Product("p", "te\ud800a", created_at=AT, updated_at=AT),
    "a number beyond a BIGINT": Inventory("p", 2**63),
    "a number below a BIGINT": Inventory("p", 0, -(2**63) - 1),
    "a NUL in the name of an order's item": Order("o", "u", (OrderItem("p", "te\0a", 1, 1),), 1, "pending", AT, AT),
    "a number too large in an order's item": Order("o", "u", (OrderItem("p", "tea", 2**63, 1),), 1, "pending", AT, AT),
    "a NUL in the key of a cart's line": Cart("c", "u", {"p\0": CartLine("p\0", 1, 1)}),
    "a number too large in a cart's line": Cart("c", "u", {"p": CartLine("p", 2**63, 1)}),
    "a NUL in a category": Product("p", "tea", category_ids=("c", "c\0"), created_at=AT, updated_at=AT),
}


@pytest.mark.parametrize("state", UNSTORABLE.values(), ids=UNSTORABLE)
def test_a_row_that_postgresql_could_not_hold_is_refused_and_nothing_is_saved(
    projections: ProjectionStore, state: Aggregate
) -> None:
    with pytest.raises(RowRefused), projections.transaction() as transaction:  # noqa: PT012 - at the latest when it commits
        transaction.lock(["s", "t"])
        transaction.save({LIVE: [moved("s", START, at(1)), Change("t", START, at(1), Row("t", 1, state))]})

    assert what_is_there(projections, "s", "t") == ({"s": START, "t": START}, {}, {})
