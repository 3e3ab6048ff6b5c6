"""What every projection store owes, as `core.ports.projection_store` says it."""

from datetime import timedelta

import pytest

from core.domain.aggregate import Aggregate
from core.domain.cart import Cart, CartLine
from core.domain.inventory import Inventory
from core.domain.order import Order, OrderItem
from core.domain.product import Product
from core.ports.projection_store import Change, Parked, ProjectionStore, Row
from tests.contract.changes import LIVE, START, at, moved, row, saved, what_is_there
from tests.contract.delivery_harness import ReadModelHarness
from tests.support.commits import AT

LATER = AT + timedelta(days=1, microseconds=1)

STATES: list[Aggregate] = [
    Product("p", "煎茶 <Sencha>", 'so "green"\n', 1_200, "/tea.png", ("c-1", "c-2"), deleted=True, created_at=AT, updated_at=LATER),
    Cart("cart-u", "u", {"p": CartLine("p", 3, 1_200), "a": CartLine("a", 1, 5)}),
    Order("o", "u", (OrderItem("p", "煎茶", 3, 1_200), OrderItem("a", "Cup", 1, 5)), 3_605, "paid", AT, LATER),
    Inventory("p", 2**63 - 1, 7),
]  # fmt: skip
"""One row of each aggregate, with something in every field."""


def test_a_stream_that_was_never_seen_gets_a_cursor_before_its_first_event(projections: ProjectionStore) -> None:
    assert what_is_there(projections, "s", "t") == ({"s": START, "t": START}, {}, {})


def test_a_batch_without_streams_is_a_batch(projections: ProjectionStore) -> None:
    with projections.transaction() as transaction:
        assert transaction.lock([]) == {LIVE: {}}
        transaction.save({LIVE: []})


def test_a_cursor_and_a_row_are_there_for_the_next_batch(projections: ProjectionStore) -> None:
    saved(projections, moved("s", START, at(3)))

    assert what_is_there(projections, "s", "t") == ({"s": at(3), "t": START}, {"s": row("s", 3)}, {})


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
def test_a_row_of_each_aggregate_is_loaded_as_it_was_saved(projections: ProjectionStore, state: Aggregate) -> None:
    saved(projections, Change("s", START, at(2), Row("s", 2, state)))

    _, rows, _ = what_is_there(projections, "s")

    assert rows == {"s": Row("s", 2, state)}
    assert type(rows["s"].state) is type(state)


def test_the_lines_of_a_cart_keep_their_order(projections: ProjectionStore) -> None:
    lines = {product: CartLine(product, 1, 1) for product in ("p", "b", "z", "a")}
    saved(projections, Change("s", START, at(4), Row("s", 4, Cart("s", "u", lines))))

    state = what_is_there(projections, "s")[1]["s"].state

    assert isinstance(state, Cart)
    assert list(state.lines) == ["p", "b", "z", "a"]


def test_rows_of_every_aggregate_are_saved_in_one_batch(projections: ProjectionStore) -> None:
    rows = [Row(f"s-{number}", 1, state) for number, state in enumerate(STATES)]
    saved(projections, *(Change(row.stream, START, at(1), row) for row in rows))

    assert what_is_there(projections, *(row.stream for row in rows))[1] == {row.stream: row for row in rows}


def test_a_batch_of_hundreds_of_streams_is_saved_whole(projections: ProjectionStore) -> None:
    streams = [f"s-{number}" for number in range(500)]
    saved(projections, *(moved(stream, START, at(2)) for stream in streams))

    cursors, rows, _ = what_is_there(projections, *streams)

    assert cursors == dict.fromkeys(streams, at(2))
    assert set(rows) == set(streams)


def test_a_row_is_replaced_by_the_next_one(projections: ProjectionStore) -> None:
    saved(projections, moved("s", START, at(1)))
    saved(projections, Change("s", at(1), at(2), row("s", 2, total=9)))

    assert what_is_there(projections, "s")[:2] == ({"s": at(2)}, {"s": row("s", 2, total=9)})


def test_a_cursor_moves_without_a_row(projections: ProjectionStore) -> None:
    saved(projections, Change("s", START, at(4), None))

    assert what_is_there(projections, "s") == ({"s": at(4)}, {}, {})


def test_a_stream_loses_its_row_and_its_cursor(projections: ProjectionStore) -> None:
    saved(projections, moved("s", START, at(1)), moved("t", START, at(1)))
    saved(projections, Change("s", at(1), START, None))

    assert what_is_there(projections, "s", "t") == ({"s": START, "t": at(1)}, {"t": row("t", 1)}, {})


def test_a_cursor_goes_back_where_its_change_says_so(projections: ProjectionStore) -> None:
    saved(projections, moved("s", START, at(9)))
    saved(projections, moved("s", at(9), at(2)))

    assert what_is_there(projections, "s")[:2] == ({"s": at(2)}, {"s": row("s", 2)})


def test_a_parked_stream_is_kept_and_listed_with_all_that_is_known_of_it(projections: ProjectionStore) -> None:
    parked = Parked("s", 3, "Undecodable: 煎茶", attempts=2, newest=7)
    saved(projections, moved("s", START, at(2), parked), moved("t", START, at(2)))

    assert projections.parked_streams() == [parked]
    assert what_is_there(projections, "s", "t")[2] == {"s": parked}


def test_parked_streams_are_listed_by_stream(projections: ProjectionStore) -> None:
    for stream in ("b", "c", "a"):
        saved(projections, moved(stream, START, START, Parked(stream, 1, "broken", 1, 1)))

    assert [parked.stream for parked in projections.parked_streams()] == ["a", "b", "c"]


def test_a_stream_is_parked_anew_or_no_longer_as_its_next_change_says(projections: ProjectionStore) -> None:
    again = Parked("s", 2, "broken again", 2, 9)
    saved(projections, moved("s", START, at(1), Parked("s", 2, "broken", 1, 5)))
    saved(projections, moved("s", at(1), at(1), again))
    assert projections.parked_streams() == [again]

    saved(projections, moved("s", at(1), at(5)))

    assert projections.parked_streams() == []
    assert what_is_there(projections, "s")[2] == {}


def test_positions_of_unreadable_records_are_kept_in_order_with_their_reasons(projections: ProjectionStore) -> None:
    with projections.transaction() as transaction:
        transaction.note_unreadable("9", "no keys")
        transaction.note_unreadable("10", "no JSON")
    with projections.transaction() as transaction:
        transaction.note_unreadable("1", "煎茶")

    assert projections.unreadable_records() == [("9", "no keys"), ("10", "no JSON"), ("1", "煎茶")]


def test_an_unreadable_record_that_comes_again_is_listed_once(projections: ProjectionStore) -> None:
    for position in ("9", "10", "9"):
        with projections.transaction() as transaction:
            transaction.note_unreadable(position, "no keys")

    assert projections.unreadable_records() == [("9", "no keys"), ("10", "no keys")]


def test_the_bookmark_is_what_was_kept_last(projections: ProjectionStore) -> None:
    assert projections.bookmark() == ""

    projections.keep_bookmark("one")
    projections.keep_bookmark("two")

    assert projections.bookmark() == "two"


def test_every_client_sees_the_bookmark(projections: ProjectionStore, read_model: ReadModelHarness) -> None:
    projections.keep_bookmark("here")

    assert read_model.another().bookmark() == "here"


def test_the_feed_is_what_was_kept_last_and_every_client_sees_it(
    projections: ProjectionStore, read_model: ReadModelHarness
) -> None:
    assert projections.feed() == ""

    projections.keep_feed("one")
    projections.keep_feed("another")

    assert projections.feed() == "another"
    assert read_model.another().feed() == "another"


def test_streams_are_gone_through_by_name_from_any_one_on(projections: ProjectionStore) -> None:
    for stream in ("b", "c", "a", "Z", "é", "cart-1"):
        saved(projections, moved(stream, START, at(1)))

    assert [stream for stream, _ in projections.all_standings()] == ["Z", "a", "b", "c", "cart-1", "é"]
    assert [stream for stream, _ in projections.all_standings(after="b")] == ["c", "cart-1", "é"]
    assert [stream for stream, _ in projections.all_standings(after="é")] == []
