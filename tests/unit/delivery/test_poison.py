"""An event that cannot be applied parks its own stream, at its own version, and nothing else."""

from collections.abc import Callable

import pytest

from core.domain.product import ProductCreated, ProductUpdated
from core.ports.event_feed import Unreadable
from core.ports.projection_store import Cursor, Parked, ProjectionUnavailable
from tests.support.commits import AT
from tests.unit.delivery.scene import Crash, Scene, crash


def undecodable(scene: Scene, stream: str, version: int) -> Callable[[], None]:
    """Break the event's data; the result mends it."""
    good = scene.event(stream, version).data
    scene.replace(stream, version, data=b'{"quantity": "many"}')
    return lambda: scene.replace(stream, version, data=good)


def fold_raises(scene: Scene, stream: str, version: int) -> Callable[[], None]:
    """Have a bug in the fold; the result mends it."""
    scene.fold.bugs.add((stream, version))
    return scene.fold.bugs.clear


def newer_schema(scene: Scene, stream: str, version: int) -> Callable[[], None]:
    """Have the event written by newer code; the result is the newer code."""
    scene.replace(stream, version, schema_version=99)
    return lambda: scene.replace(stream, version, schema_version=1)


def row_refused(scene: Scene, stream: str, version: int) -> Callable[[], None]:
    """Have the event lead to a row that no table holds; the result mends it."""
    good = scene.event(stream, version).data
    scene.replace(stream, version, data=good.replace(b'"quantity":', b'"quantity":1000000000000000000000'))
    return lambda: scene.replace(stream, version, data=good)


POISON = [undecodable, fold_raises, newer_schema, row_refused]
Poison = Callable[[Scene, str, int], Callable[[], None]]

poisoned = pytest.mark.parametrize("poison", POISON, ids=lambda poison: poison.__name__)


def parked_at(scene: Scene, stream: str, version: int, attempts: int, newest: int) -> bool:
    """Tell whether a stream waits like this, with a reason."""
    parked = scene.parked(stream)
    return (
        parked is not None and bool(parked.error) and parked == Parked(stream, version, parked.error, attempts, newest)
    )


@poisoned
def test_poison_parks_its_stream_at_its_version_and_what_is_before_it_is_applied(scene: Scene, poison: Poison) -> None:
    scene.fill("s", 5)
    poison(scene, "s", 3)

    scene.ring("s", 1, 2, 3, 4, 5)

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert parked_at(scene, "s", version=3, attempts=1, newest=5)
    assert scene.counts()["parked"] == 1


@poisoned
def test_the_other_streams_of_the_batch_are_applied(scene: Scene, poison: Poison) -> None:
    for stream in "abc":
        scene.fill(stream, 2)
    poison(scene, "b", 2)

    scene.consumer.handle([scene.doorbell(stream, version) for version in (1, 2) for stream in "abc"])

    assert [scene.total(stream) for stream in "abc"] == [11, 1, 11]
    assert [scene.version(stream) for stream in "abc"] == [2, 1, 2]
    assert [parked.stream for parked in scene.projections.parked_streams()] == ["b"]


@poisoned
def test_poison_in_two_streams_parks_both(scene: Scene, poison: Poison) -> None:
    for stream in "abc":
        scene.fill(stream, 3)
    poison(scene, "a", 1)
    poison(scene, "c", 3)

    scene.consumer.handle([scene.doorbell(stream, version) for version in (3, 1, 2) for stream in "abc"])

    assert parked_at(scene, "a", version=1, attempts=1, newest=3)
    assert parked_at(scene, "c", version=3, attempts=1, newest=3)
    assert (scene.cursor("a"), scene.total("b"), scene.total("c")) == (Cursor(), 111, 11)
    assert scene.projections.row("a") is None


@poisoned
def test_poison_that_is_met_while_a_gap_is_read_parks_too(scene: Scene, poison: Poison) -> None:
    scene.fill("s", 5)
    scene.ring("s", 1)
    poison(scene, "s", 3)

    scene.ring("s", 5)

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert parked_at(scene, "s", version=3, attempts=1, newest=5)


@poisoned
def test_poison_that_is_met_in_a_refold_parks_too_and_what_was_heard_is_noted(scene: Scene, poison: Poison) -> None:
    scene.fill("s", 6)
    scene.consumer.handle([scene.doorbell("s", 1), scene.ghost("s", 2)])
    poison(scene, "s", 3)

    scene.ring("s", 6)

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert parked_at(scene, "s", version=3, attempts=1, newest=6)


def test_the_reason_names_the_error(scene: Scene) -> None:
    scene.fill("s", 1)
    fold_raises(scene, "s", 1)

    scene.ring("s", 1)

    parked = scene.parked("s")
    assert parked is not None
    assert parked.error == "ZeroDivisionError: a bug in the fold"


def test_a_row_that_a_later_event_of_the_batch_mends_is_no_poison(scene: Scene) -> None:
    scene.write("p", ProductCreated("p", "te\0a", "", 1, 0, AT), ProductUpdated("p", "tea", "", 1, AT))

    scene.ring("p", 1, 2)

    assert scene.version("p") == 2
    assert scene.parked("p") is None


def test_an_unreadable_record_beside_poison_is_kept(scene: Scene) -> None:
    scene.fill("s", 1)
    row_refused(scene, "s", 1)

    scene.consumer.handle([Unreadable("7", "no keys"), scene.doorbell("s", 1)])

    assert scene.projections.unreadable_records() == [("7", "no keys")]
    assert parked_at(scene, "s", version=1, attempts=1, newest=1)


def test_a_hole_in_the_store_parks_the_stream_before_it(scene: Scene) -> None:
    scene.fill("s", 5)
    del scene.memory._streams["s"][2]

    scene.ring_without_image("s", 5)

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    parked = scene.parked("s")
    assert parked is not None
    assert (parked.version, parked.newest) == (3, 5)
    assert parked.error.startswith("StreamDamaged")


def test_a_hole_at_the_cursor_parks_the_stream_before_it(scene: Scene) -> None:
    scene.fill("s", 5)
    scene.ring("s", 1, 2, 3)
    del scene.memory._streams["s"][2]

    scene.ring_without_image("s", 5)

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert parked_at(scene, "s", version=3, attempts=1, newest=5)


# Step 3: parked.


def test_a_parked_stream_waits_and_the_newest_version_heard_of_is_noted(scene: Scene) -> None:
    scene.fill("s", 9)
    fold_raises(scene, "s", 2)
    scene.ring("s", 1, 2)

    scene.ring("s", 7)
    assert parked_at(scene, "s", version=2, attempts=1, newest=7)
    scene.ring("s", 3)

    assert parked_at(scene, "s", version=2, attempts=1, newest=7)
    assert (scene.version("s"), scene.total("s")) == (1, 1)
    assert scene.store.reads == []


def test_a_parked_stream_is_not_tried_again_by_its_own_poison(scene: Scene) -> None:
    scene.fill("s", 2)
    fold_raises(scene, "s", 2)
    scene.ring("s", 1, 2)
    scene.fold.bugs.clear()

    scene.ring("s", 2)

    assert parked_at(scene, "s", version=2, attempts=1, newest=2)


# Redrive.


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


def test_a_crash_in_a_batch_with_poison_is_repeated_harmlessly(scene: Scene) -> None:
    scene.fill("a", 3)
    scene.fill("b", 3)
    fold_raises(scene, "b", 2)
    batch = [scene.doorbell(stream, version) for stream in "ab" for version in (1, 2, 3)]
    scene.failpoints.armed["consumer.before_effect"] = [crash]
    with pytest.raises(Crash):
        scene.consumer.handle(batch)
    assert scene.projections.parked_streams() == []

    scene.consumer.handle(batch)

    assert (scene.total("a"), scene.total("b")) == (111, 1)
    assert parked_at(scene, "b", version=2, attempts=1, newest=3)
