"""A parked stream is driven again after the fix: it goes on where it stopped, or waits as before."""

import pytest

from core.ports.projection_store import Cursor, ProjectionUnavailable
from tests.unit.delivery.poisons import Poison, fold_raises, parked_at, poisoned, row_refused
from tests.unit.delivery.scene import Crash, Scene, crash


@poisoned
def test_redrive_after_the_fix_applies_the_rest_in_order(scene: Scene, poison: Poison) -> None:
    scene.fill("s", 5)
    fix = poison(scene, "s", 3)
    scene.ring("s", 1, 2, 3, 4, 5)
    scene.fold.folded.clear()
    fix()

    assert scene.consumer.redrive("s") is None

    assert scene.fold.folded == [("s", 3), ("s", 4), ("s", 5)]
    assert (scene.version("s"), scene.total("s")) == (5, 11_111)
    assert scene.projections.parked_streams() == []


@poisoned
def test_redrive_applies_what_nobody_rang_for_as_well(scene: Scene, poison: Poison) -> None:
    scene.fill("s", 2)
    fix = poison(scene, "s", 2)
    scene.ring("s", 1, 2)
    fix()
    scene.fill("s", 2)

    scene.consumer.redrive("s")

    assert (scene.version("s"), scene.total("s")) == (4, 1_111)


@poisoned
def test_redrive_that_fails_again_counts_the_attempts(scene: Scene, poison: Poison) -> None:
    scene.fill("s", 5)
    poison(scene, "s", 3)
    scene.ring("s", 1, 2, 3, 4, 5)

    for attempts in (2, 3, 4):
        assert scene.consumer.redrive("s") == scene.parked("s")
        assert parked_at(scene, "s", version=3, attempts=attempts, newest=5)
    assert (scene.version("s"), scene.total("s")) == (2, 11)


@poisoned
def test_redrive_that_fails_further_on_begins_to_count_anew_and_remembers_what_was_heard(
    scene: Scene, poison: Poison
) -> None:
    scene.fill("s", 9)
    fix = poison(scene, "s", 3)
    scene.ring("s", 1, 2, 3)
    scene.ring("s", 9)
    scene.consumer.redrive("s")
    fix()
    poison(scene, "s", 6)

    scene.consumer.redrive("s")

    assert (scene.version("s"), scene.total("s")) == (5, 11_111)
    assert parked_at(scene, "s", version=6, attempts=1, newest=9)


@poisoned
def test_a_crash_in_a_redrive_saves_nothing_and_the_next_one_does_it_all(scene: Scene, poison: Poison) -> None:
    scene.fill("s", 4)
    fix = poison(scene, "s", 3)
    scene.ring("s", 1, 2, 3, 4)
    before = scene.parked("s")
    fix()
    scene.failpoints.armed["consumer.before_effect"] = [crash]
    with pytest.raises(Crash):
        scene.consumer.redrive("s")
    assert scene.parked("s") == before
    assert scene.version("s") == 2

    assert scene.consumer.redrive("s") is None

    assert (scene.version("s"), scene.total("s")) == (4, 1_111)


def test_redrive_of_a_stream_that_is_not_parked_does_nothing(scene: Scene) -> None:
    scene.fill("s", 2)

    assert scene.consumer.redrive("s") is None

    assert scene.cursor("s") == Cursor()
    assert scene.store.reads == []


def test_redrive_where_a_ghost_was_heard_of_ends_at_what_is_stored(scene: Scene) -> None:
    scene.fill("s", 2)
    fold_raises(scene, "s", 2)
    scene.ring("s", 1, 2)
    scene.consumer.handle([scene.ghost("s", 8)])
    scene.fold.bugs.clear()

    assert scene.consumer.redrive("s") is None

    assert (scene.version("s"), scene.total("s")) == (2, 11)


def test_a_stream_goes_on_after_its_redrive(scene: Scene) -> None:
    scene.fill("s", 2)
    fold_raises(scene, "s", 2)
    scene.ring("s", 1, 2)
    scene.fold.bugs.clear()
    scene.consumer.redrive("s")
    scene.fill("s", 1)

    scene.ring("s", 3)

    assert (scene.version("s"), scene.total("s")) == (3, 111)


@pytest.mark.parametrize("steps", range(1, 7))
def test_a_redrive_that_is_cut_short_leaves_nothing_to_doorbells_that_were_acknowledged(
    scene: Scene, steps: int
) -> None:
    """A refused row has the redrive go event by event; between two of them the database may go away."""
    scene.fill("s", 6)
    fix = row_refused(scene, "s", 2)
    scene.ring("s", 1, 2, 3, 4, 5, 6)
    fix()
    fix = row_refused(scene, "s", 6)
    scene.projections.batches_left = steps
    with pytest.raises(ProjectionUnavailable):
        scene.consumer.redrive("s")

    scene.projections.batches_left = None
    fix()
    assert scene.parked("s") is not None
    scene.consumer = scene.new_consumer()
    scene.consumer.redrive("s")

    assert (scene.version("s"), scene.total("s")) == (6, 111_111)
