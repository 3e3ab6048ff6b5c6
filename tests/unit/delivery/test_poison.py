"""An event that cannot be applied parks its own stream, at its own version, and nothing else."""

import pytest

from core.domain.product import ProductCreated, ProductUpdated
from core.ports.event_feed import Unreadable
from core.ports.projection_store import Cursor
from tests.support.commits import AT
from tests.unit.delivery.poisons import Poison, fold_raises, parked_at, poisoned, row_refused
from tests.unit.delivery.scene import Crash, Scene, crash


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


# Step 3: parked.


def test_a_parked_stream_waits_and_the_newest_version_heard_of_is_noted(scene: Scene) -> None:
    scene.fill("s", 9)
    fold_raises(scene, "s", 2)
    scene.ring("s", 1, 2)
    scene.store.reads.clear()

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
