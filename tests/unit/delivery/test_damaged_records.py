"""A record is never believed: what it says wrongly costs its stream a read, not its place."""

import logging

import pytest

from core.ports.event_feed import Doorbell
from tests.unit.delivery.poisons import fold_raises
from tests.unit.delivery.scene import Crash, Scene, crash

TOO_LARGE_FOR_A_ROW = 10**30


def damaged(doorbell: Doorbell) -> Doorbell:
    """Give a record whose image was cut short on its way."""
    assert doorbell.event is not None
    return doorbell._replace(event=doorbell.event._replace(data=doorbell.event.data[:-5]))


def test_an_event_whose_record_was_damaged_is_read_from_the_store(scene: Scene) -> None:
    scene.fill("s", 4)
    scene.ring("s", 1)

    scene.consumer.handle([damaged(scene.doorbell("s", 2)), scene.doorbell("s", 3)])

    assert scene.parked("s") is None
    assert (scene.version("s"), scene.total("s")) == (4, 1111)
    assert scene.counts() == {"applied": 4}


def test_a_damaged_record_of_an_event_that_was_never_stored_parks_nothing(scene: Scene) -> None:
    scene.fill("s", 1)
    scene.ring("s", 1)

    scene.consumer.handle([damaged(scene.ghost("s", 2))])
    scene.fill("s", 1)
    scene.ring("s", 2)

    assert scene.parked("s") is None
    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert scene.counts()["refolded"] == 1


def test_a_ghost_whose_row_is_refused_has_the_stream_refolded_and_is_counted(scene: Scene) -> None:
    scene.fill("s", 1)
    scene.ring("s", 1)

    scene.consumer.handle([scene.ghost("s", 2, units=TOO_LARGE_FOR_A_ROW)])

    assert scene.parked("s") is None
    assert (scene.version("s"), scene.total("s")) == (1, 1)
    assert scene.counts()["refolded"] == 1


def test_a_ghost_and_a_parked_stream_raise_an_alarm_that_names_the_stream(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.fill("haunted", 1)
    scene.fill("faulty", 2)
    fold_raises(scene, "faulty", 2)
    scene.ring("haunted", 1)

    with caplog.at_level(logging.WARNING):
        scene.consumer.handle([scene.ghost("haunted", 3), scene.doorbell("faulty", 1), scene.doorbell("faulty", 2)])

    assert [record.getMessage() for record in caplog.records] == [
        "haunted is made anew: a record or the cursor told of an event that the store does not have",
        "faulty is parked at version 2: ZeroDivisionError: a bug in the fold",
    ]


def test_a_batch_that_is_not_saved_raises_no_alarm(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.fill("faulty", 1)
    fold_raises(scene, "faulty", 1)
    scene.failpoints.armed["consumer.before_effect"] = [crash]

    with pytest.raises(Crash), caplog.at_level(logging.WARNING):
        scene.ring("faulty", 1)

    assert caplog.records == []
    assert scene.counts() == {}
