"""What every projection store owes, as `core.ports.projection_store` says it."""

import threading
from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest

from core.domain.aggregate import Aggregate
from core.domain.cart import Cart, CartLine
from core.domain.inventory import Inventory
from core.domain.order import Order, OrderItem
from core.domain.product import Product
from core.ports.projection_store import Change, Cursor, CursorMoved, Parked, ProjectionStore, Row, RowRefused
from tests.contract.delivery_harness import ReadModelHarness
from tests.support.commits import AT

PATIENCE = 10.0
"""Seconds after which something that must happen counts as not happening."""

MOMENT = 0.2
"""Seconds in which something that must not happen may show that it does."""

START = Cursor()

LATER = AT + timedelta(days=1, microseconds=1)

STATES: list[Aggregate] = [
    Product("p", "煎茶 <Sencha>", 'so "green"\n', 1_200, "/tea.png", ("c-1", "c-2"), deleted=True, created_at=AT, updated_at=LATER),
    Cart("cart-u", "u", {"p": CartLine("p", 3, 1_200), "a": CartLine("a", 1, 5)}),
    Order("o", "u", (OrderItem("p", "煎茶", 3, 1_200), OrderItem("a", "Cup", 1, 5)), 3_605, "paid", AT, LATER),
    Inventory("p", 2**63 - 1, 7),
]  # fmt: skip
"""One row of each aggregate, with something in every field."""


def at(version: int) -> Cursor:
    """Give a cursor at an event."""
    return Cursor(version, f"event-{version}")


def row(stream: str, version: int, total: int = 1) -> Row:
    """Give a row."""
    return Row(stream, version, Inventory("p", total))


def moved(stream: str, before: Cursor, after: Cursor, parked: Parked | None = None) -> Change:
    """Give a change that moves a cursor and saves a row there."""
    return Change(stream, before, after, row(stream, after.version), parked)


def saved(projections: ProjectionStore, *changes: Change) -> None:
    """Save changes in a transaction of their own."""
    with projections.transaction() as transaction:
        transaction.lock([change.stream for change in changes])
        transaction.save(changes)


def what_is_there(
    projections: ProjectionStore, *streams: str
) -> tuple[dict[str, Cursor], dict[str, Row], dict[str, Parked]]:
    """Look at cursors, rows and parked streams in a transaction of their own."""
    with projections.transaction() as transaction:
        cursors = transaction.lock(streams)
        return dict(cursors), dict(transaction.rows(streams)), dict(transaction.parked(streams))


class InAnotherThread:
    """Runs something beside the test; `done` is set at its end, and `ended()` waits for it and raises what it raised."""

    def __init__(self, run: Callable[[], None]) -> None:
        """Start at once."""
        self.done = threading.Event()
        self._run = run
        self._error: BaseException | None = None
        threading.Thread(target=self._go, daemon=True).start()

    def _go(self) -> None:
        try:
            self._run()
        except BaseException as error:  # noqa: BLE001 - the test raises it
            self._error = error
        self.done.set()

    def ended(self) -> None:
        """Wait for the end."""
        assert self.done.wait(PATIENCE), "it waits for a lock that nobody should hold"
        if self._error:
            raise self._error


def test_a_stream_that_was_never_seen_gets_a_cursor_before_its_first_event(projections: ProjectionStore) -> None:
    assert what_is_there(projections, "s", "t") == ({"s": START, "t": START}, {}, {})


def test_a_batch_without_streams_is_a_batch(projections: ProjectionStore) -> None:
    with projections.transaction() as transaction:
        assert transaction.lock([]) == {}
        assert transaction.parked([]) == {}
        assert transaction.rows([]) == {}
        transaction.save([])


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


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_batch_that_is_left_with_an_error_saves_nothing(
    projections: ProjectionStore, error: type[BaseException]
) -> None:
    saved(projections, moved("s", START, at(1)))

    with pytest.raises(error), projections.transaction() as transaction:  # noqa: PT012 - the error is the end of the batch
        transaction.lock(["s", "t"])
        transaction.note_unreadable("7", "broken")
        transaction.save([moved("s", at(1), at(2)), moved("t", START, at(2), Parked("t", 3, "broken", 1, 3))])
        raise error

    assert what_is_there(projections, "s", "t") == ({"s": at(1), "t": START}, {"s": row("s", 1)}, {})
    assert projections.parked_streams() == []
    assert projections.unreadable_records() == []


def test_an_error_of_a_batch_lets_its_streams_go(projections: ProjectionStore) -> None:
    with pytest.raises(RuntimeError), projections.transaction() as transaction:  # noqa: PT012 - as above
        transaction.lock(["s"])
        raise RuntimeError

    InAnotherThread(lambda: saved(projections, moved("s", START, at(1)))).ended()


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
        transaction.save([moved("r", START, at(1)), moved("s", loaded, at(4)), moved("t", START, at(1))])

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
        transaction.save([moved("s", START, at(1)), Change("t", START, at(1), Row("t", 1, state))])

    assert what_is_there(projections, "s", "t") == ({"s": START, "t": START}, {}, {})


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


def test_a_second_client_sees_what_the_first_has_saved(read_model: ReadModelHarness) -> None:
    parked = Parked("s", 2, "broken", 1, 2)
    saved(read_model.projections, moved("s", START, at(1), parked))

    assert what_is_there(read_model.another(), "s") == ({"s": at(1)}, {"s": row("s", 1)}, {"s": parked})


def test_nobody_sees_what_a_batch_has_not_committed(read_model: ReadModelHarness) -> None:
    with read_model.projections.transaction() as transaction:
        transaction.lock(["s"])
        transaction.note_unreadable("7", "broken")
        transaction.save([moved("s", START, at(1), Parked("s", 2, "broken", 1, 2))])

        assert read_model.another().parked_streams() == []
        assert read_model.another().unreadable_records() == []
        assert read_model.queries.progress(["s"])["s"].version == 0

    assert read_model.queries.progress(["s"])["s"].version == 1


def test_a_second_batch_on_a_stream_waits_until_the_first_ends_and_sees_what_it_saved(
    read_model: ReadModelHarness,
) -> None:
    seen: list[Cursor] = []
    about_to_lock = threading.Event()

    def second_batch() -> None:
        with read_model.another().transaction() as transaction:
            about_to_lock.set()
            seen.append(transaction.lock(["s", "t"])["s"])

    with read_model.projections.transaction() as transaction:
        transaction.lock(["s"])
        other = InAnotherThread(second_batch)
        assert about_to_lock.wait(PATIENCE)
        assert not other.done.wait(MOMENT)  # it waits
        transaction.save([moved("s", START, at(1))])
    other.ended()

    assert seen == [at(1)]


def test_a_second_batch_waits_for_a_stream_that_nobody_has_seen_before(read_model: ReadModelHarness) -> None:
    """Locking rows that are not there locks nothing: that is why missing cursors are made first."""
    with read_model.projections.transaction() as transaction:
        transaction.lock(["never-seen"])
        other = InAnotherThread(lambda: saved(read_model.another(), moved("never-seen", at(1), at(2))))
        assert not other.done.wait(MOMENT)  # it waits
        transaction.save([moved("never-seen", START, at(1))])
    other.ended()

    assert what_is_there(read_model.projections, "never-seen")[0] == {"never-seen": at(2)}


def test_a_batch_does_not_wait_for_other_streams(read_model: ReadModelHarness) -> None:
    with read_model.projections.transaction() as transaction:
        transaction.lock(["s"])
        InAnotherThread(lambda: saved(read_model.another(), moved("t", START, at(1)))).ended()


def test_batches_that_name_their_streams_in_other_orders_never_wait_for_each_other_in_a_ring(
    read_model: ReadModelHarness,
) -> None:
    start = threading.Barrier(3)

    def count(projections: ProjectionStore, streams: Iterable[str]) -> None:
        start.wait(PATIENCE)
        for _ in range(50):
            with projections.transaction() as transaction:
                cursors = transaction.lock(list(streams))
                transaction.save([moved(each, cursors[each], at(cursors[each].version + 1)) for each in streams])

    owners = [
        InAnotherThread(lambda streams=streams: count(read_model.another(), streams))  # type: ignore[misc] # bound at once
        for streams in ("abc", "cba", "bca")
    ]
    for owner in owners:
        owner.ended()

    assert what_is_there(read_model.projections, *"abc")[0] == dict.fromkeys("abc", at(150))
