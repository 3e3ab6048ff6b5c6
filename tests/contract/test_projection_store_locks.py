"""Batches of two clients: what they see of each other, and who waits for whom."""

import threading
from collections.abc import Callable, Iterable

import pytest

from core.ports.projection_store import Cursor, Parked, ProjectionStore
from tests.contract.changes import LIVE, START, at, moved, row, saved, what_is_there
from tests.contract.delivery_harness import ReadModelHarness

PATIENCE = 10.0
"""Seconds after which something that must happen counts as not happening."""

MOMENT = 0.5
"""Seconds in which something that must not happen may show that it does."""


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


def test_an_error_of_a_batch_lets_its_streams_go(projections: ProjectionStore) -> None:
    with pytest.raises(RuntimeError), projections.transaction() as transaction:  # noqa: PT012 - as above
        transaction.lock(["s"])
        raise RuntimeError

    InAnotherThread(lambda: saved(projections, moved("s", START, at(1)))).ended()


def test_a_second_client_sees_what_the_first_has_saved(read_model: ReadModelHarness) -> None:
    parked = Parked("s", 2, "broken", 1, 2)
    saved(read_model.projections, moved("s", START, at(1), parked))

    assert what_is_there(read_model.another(), "s") == ({"s": at(1)}, {"s": row("s", 1)}, {"s": parked})


def test_nobody_sees_what_a_batch_has_not_committed(read_model: ReadModelHarness) -> None:
    with read_model.projections.transaction() as transaction:
        transaction.lock(["s"])
        transaction.note_unreadable("7", "broken")
        transaction.save({LIVE: [moved("s", START, at(1), Parked("s", 2, "broken", 1, 2))]})

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
            seen.append(transaction.lock(["s", "t"])[LIVE]["s"].cursor)

    with read_model.projections.transaction() as transaction:
        transaction.lock(["s"])
        other = InAnotherThread(second_batch)
        assert about_to_lock.wait(PATIENCE)
        assert not other.done.wait(MOMENT)  # it waits
        transaction.save({LIVE: [moved("s", START, at(1))]})
    other.ended()

    assert seen == [at(1)]


def test_a_second_batch_waits_for_a_stream_that_nobody_has_seen_before(read_model: ReadModelHarness) -> None:
    """Locking rows that are not there locks nothing: that is why missing cursors are made first."""
    about_to_lock = threading.Event()

    def second_batch() -> None:
        with read_model.another().transaction() as transaction:
            about_to_lock.set()
            transaction.lock(["never-seen"])
            transaction.save({LIVE: [moved("never-seen", at(1), at(2))]})

    with read_model.projections.transaction() as transaction:
        transaction.lock(["never-seen"])
        other = InAnotherThread(second_batch)
        assert about_to_lock.wait(PATIENCE)
        assert not other.done.wait(MOMENT)  # it waits
        transaction.save({LIVE: [moved("never-seen", START, at(1))]})
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
                standings = transaction.lock(list(streams))[LIVE]
                cursors = {each: standings[each].cursor for each in streams}
                changes = [moved(each, cursor, at(cursor.version + 1)) for each, cursor in cursors.items()]
                transaction.save({LIVE: changes})

    owners = [
        InAnotherThread(lambda streams=streams: count(read_model.another(), streams))  # type: ignore[misc] # bound at once
        for streams in ("abc", "cba", "bca")
    ]
    for owner in owners:
        owner.ended()

    assert what_is_there(read_model.projections, *"abc")[0] == dict.fromkeys("abc", at(150))
