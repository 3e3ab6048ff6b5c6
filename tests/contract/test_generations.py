"""What every projection store owes of its generations, as `core.ports.generations` says it."""

import threading

import pytest

from core.ports.generations import Generation, GenerationsRefused
from core.ports.projection_store import Cursor, Parked, ProjectionStore, Standing
from core.ports.queries import Progress
from tests.contract.changes import LIVE, START, at, moved, row, saved
from tests.contract.delivery_harness import ReadModelHarness
from tests.contract.test_projection_store_locks import MOMENT, PATIENCE, InAnotherThread

FOLDS, NEW_FOLDS = 1, 2


def save_everywhere(projections: ProjectionStore, stream: str, before: Cursor, after: Cursor) -> None:
    """Move a stream's cursor in each generation that the batch is for."""
    with projections.transaction() as transaction:
        transaction.lock([stream])
        transaction.save({each.number: [moved(stream, before, after)] for each in transaction.generations})


def version(projections: ProjectionStore, stream: str, generation: int | None = None) -> int:
    return projections.standings([stream], generation).get(stream, Standing()).cursor.version


def test_a_new_store_has_one_generation_and_it_is_live(projections: ProjectionStore) -> None:
    assert projections.generations() == [Generation(LIVE, FOLDS, "live")]


def test_the_next_generation_is_built_from_nothing_beside_the_live_one(projections: ProjectionStore) -> None:
    saved(projections, moved("s", START, at(3)))

    building = projections.begin(NEW_FOLDS)

    assert building.status == "building"
    assert building.folds == NEW_FOLDS
    assert projections.generations() == [Generation(LIVE, FOLDS, "live"), building]
    assert version(projections, "s", building.number) == 0
    assert version(projections, "s") == 3


def test_a_rebuild_that_was_stopped_goes_on_with_its_generation(projections: ProjectionStore) -> None:
    building = projections.begin(NEW_FOLDS)

    assert projections.begin(NEW_FOLDS) == building
    assert len(projections.generations()) == 2


def test_two_kinds_of_folds_are_never_built_at_once(projections: ProjectionStore) -> None:
    projections.begin(NEW_FOLDS)

    with pytest.raises(GenerationsRefused, match="folds"):
        projections.begin(NEW_FOLDS + 1)

    assert len(projections.generations()) == 2


def test_a_batch_writes_the_live_and_the_building_generation_each_with_its_own_cursors(
    projections: ProjectionStore,
) -> None:
    saved(projections, moved("s", START, at(3)))
    number = projections.begin(NEW_FOLDS).number

    with projections.transaction() as transaction:
        standings = transaction.lock(["s", "t"])
        assert [each.number for each in transaction.generations] == [LIVE, number]
        assert standings == {
            LIVE: {"s": Standing(at(3), row("s", 3)), "t": Standing()},
            number: {"s": Standing(), "t": Standing()},
        }
        transaction.save({LIVE: [moved("s", at(3), at(4))], number: [moved("s", START, at(1))]})

    assert version(projections, "s") == 4
    assert version(projections, "s", number) == 1


def test_a_batch_for_one_generation_leaves_the_others_alone(projections: ProjectionStore) -> None:
    number = projections.begin(NEW_FOLDS).number

    with projections.transaction(only=number) as transaction:
        assert [each.number for each in transaction.generations] == [number]
        assert set(transaction.lock(["s"])) == {number}
        transaction.save({number: [moved("s", START, at(2))]})

    assert (version(projections, "s"), version(projections, "s", number)) == (0, 2)


def test_a_stream_is_parked_in_one_generation_and_goes_on_in_another(projections: ProjectionStore) -> None:
    number = projections.begin(NEW_FOLDS).number
    parked = Parked("s", 1, "a new fold has a bug", 1, 1)

    with projections.transaction() as transaction:
        transaction.lock(["s"])
        transaction.save({LIVE: [moved("s", START, at(1))], number: [moved("s", START, START, parked)]})

    assert projections.parked_streams() == []
    assert projections.parked_streams(number) == [parked]
    assert projections.standings(["s"], number)["s"].parked == parked


def test_people_read_the_live_generation_until_the_swap_and_the_new_one_from_then_on(
    read_model: ReadModelHarness,
) -> None:
    projections = read_model.projections
    saved(projections, moved("s", START, at(3)))
    number = projections.begin(NEW_FOLDS).number
    with projections.transaction(only=number) as transaction:
        transaction.lock(["s"])
        transaction.save({number: [moved("s", START, at(2))]})
    assert read_model.queries.progress(["s"]) == {"s": Progress(3, parked=False)}

    projections.swap(number)

    assert read_model.queries.progress(["s"]) == {"s": Progress(2, parked=False)}
    assert [(each.number, each.status) for each in projections.generations()] == [(LIVE, "retired"), (number, "live")]


def test_a_retired_generation_is_not_written_any_more(projections: ProjectionStore) -> None:
    number = projections.begin(NEW_FOLDS).number
    projections.swap(number)

    save_everywhere(projections, "s", START, at(1))

    assert (version(projections, "s", LIVE), version(projections, "s", number)) == (0, 1)


@pytest.mark.parametrize("number", [LIVE, 77], ids=["the live one", "one that is not there"])
def test_only_a_generation_that_is_being_built_can_go_live(projections: ProjectionStore, number: int) -> None:
    with pytest.raises(GenerationsRefused):
        projections.swap(number)

    assert projections.generations() == [Generation(LIVE, FOLDS, "live")]


def test_a_generation_goes_live_once(projections: ProjectionStore) -> None:
    number = projections.begin(NEW_FOLDS).number
    projections.swap(number)

    with pytest.raises(GenerationsRefused):
        projections.swap(number)


def test_a_retired_generation_is_dropped_with_what_it_holds(projections: ProjectionStore) -> None:
    saved(projections, moved("s", START, at(3)))
    number = projections.begin(NEW_FOLDS).number
    projections.swap(number)

    projections.drop(LIVE)

    assert [each.number for each in projections.generations()] == [number]
    assert projections.standings(["s"], LIVE) == {}
    assert list(projections.all_standings(LIVE)) == []


def test_a_rebuild_is_given_up_by_dropping_its_generation(projections: ProjectionStore) -> None:
    given_up = projections.begin(NEW_FOLDS)
    with projections.transaction(only=given_up.number) as transaction:
        transaction.lock(["s"])
        transaction.save({given_up.number: [moved("s", START, at(2))]})
    projections.drop(given_up.number)

    again = projections.begin(NEW_FOLDS + 1)

    assert again.folds == NEW_FOLDS + 1
    assert version(projections, "s", again.number) == 0


@pytest.mark.parametrize("number", [LIVE, 77], ids=["the live one", "one that is not there"])
def test_what_people_read_cannot_be_dropped(projections: ProjectionStore, number: int) -> None:
    with pytest.raises(GenerationsRefused):
        projections.drop(number)

    assert projections.generations() == [Generation(LIVE, FOLDS, "live")]


def test_a_rebuild_begins_only_when_no_batch_is_under_way_that_does_not_know_of_it(
    read_model: ReadModelHarness,
) -> None:
    begun = threading.Event()

    def begin() -> None:
        read_model.another().begin(NEW_FOLDS)
        begun.set()

    with read_model.projections.transaction() as transaction:
        assert [each.number for each in transaction.generations] == [LIVE]
        transaction.lock(["s"])
        rebuild = InAnotherThread(begin)
        assert not begun.wait(MOMENT)  # it waits
        transaction.save({LIVE: [moved("s", START, at(1))]})
    rebuild.ended()

    assert begun.is_set()


def test_where_streams_stand_is_looked_at_without_a_lock(read_model: ReadModelHarness) -> None:
    parked = Parked("t", 2, "broken", 1, 2)
    saved(read_model.projections, moved("s", START, at(3)), moved("t", START, at(1), parked))
    expected = {"s": Standing(at(3), row("s", 3)), "t": Standing(at(1), row("t", 1), parked)}

    with read_model.projections.transaction() as transaction:
        transaction.lock(["s", "t"])
        seen: list[object] = []
        other = read_model.another()
        look = InAnotherThread(lambda: seen.extend((other.standings(["s", "t", "never"]), dict(other.all_standings()))))
        assert look.done.wait(PATIENCE)
        look.ended()

    assert seen == [expected, expected]


def test_every_stream_is_told_with_where_it_stands(projections: ProjectionStore) -> None:
    streams = [f"s-{number}" for number in range(1_500)]
    saved(projections, *(moved(stream, START, at(2)) for stream in streams))

    assert dict(projections.all_standings()) == {stream: Standing(at(2), row(stream, 2)) for stream in streams}


def test_how_far_a_generation_has_come_is_counted_in_events(projections: ProjectionStore) -> None:
    saved(projections, moved("s", START, at(3)), moved("t", START, at(4)))
    number = projections.begin(NEW_FOLDS).number
    with projections.transaction(only=number) as transaction:
        transaction.lock(["s"])
        transaction.save({number: [moved("s", START, at(2))]})

    assert (projections.passed(), projections.passed(LIVE), projections.passed(number)) == (7, 7, 2)
