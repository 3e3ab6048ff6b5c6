"""Counts and alarms are of what was committed; counts are of what people read, alarms of every generation."""

import pytest

from core.delivery.consumer import Consumer
from core.ports.projection_store import ProjectionUnavailable
from core.projections.rows import FOLDS
from tests.unit.delivery.scene import BreakableFold, Scene


def test_a_batch_whose_commit_fails_is_neither_counted_nor_told_of(
    scene: Scene, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.fill("s", 2)
    scene.fold.bugs.add(("s", 2))

    def fail(_transaction: object) -> None:
        raise ProjectionUnavailable("the connection was lost")

    with monkeypatch.context() as patch:
        patch.setattr(scene.projections, "_commit", fail)
        with pytest.raises(ProjectionUnavailable):
            scene.ring("s", 1, 2)

    assert (scene.counts(), caplog.messages) == ({}, [])
    scene.ring("s", 1, 2)
    assert (scene.counts(), len(caplog.messages)) == ({"applied": 1, "parked": 1}, 1)


def test_counts_are_of_the_generation_that_people_read(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.ring("s", 1, 2)
    scene.projections.begin(FOLDS)
    scene.consumer = scene.new_consumer()

    scene.ring("s", 1, 2)

    assert scene.counts() == {"duplicate": 2}


def test_what_is_parked_in_a_generation_that_is_being_built_is_told_and_not_counted(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    number, new_fold = scene.projections.begin(FOLDS + 1).number, BreakableFold()
    new_fold.bugs.add(("s", 1))
    scene.folds[FOLDS + 1] = new_fold
    scene.consumer = Consumer(scene.store, scene.projections, scene.folds, scene.environment)
    scene.fill("s", 1)

    scene.ring("s", 1)

    assert [parked.stream for parked in scene.projections.parked_streams(number)] == ["s"]
    assert scene.counts() == {"applied": 1}
    (told,) = caplog.messages
    assert told.startswith("s is parked at version 1")
