"""Reconciling on a schedule: everything at first and once a day, what changed lately in between."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from core.delivery.reconcile import Reconcile, Report
from core.delivery.upkeep import ALL_EVERY, RECENT, RECENT_EVERY, Upkeep
from core.ports.event_store import StoreUnavailable
from tests.unit.delivery.scene import Scene


class Clock:
    """Seconds that pass only in waits."""

    def __init__(self, scene: Scene, reconcile: Reconcile, every: timedelta = RECENT_EVERY) -> None:
        """Watch what an upkeep asks for."""
        self.seconds = 0.0
        self.asked: list[tuple[float, timedelta | None]] = []
        self._look = reconcile.look
        reconcile.look = self._watched  # type: ignore[method-assign, assignment]
        environment = replace(scene.environment, monotonic=lambda: self.seconds, wait=self._wait)
        self.upkeep = Upkeep("read-models", reconcile, environment, every)

    def _watched(self, *, recent: timedelta | None = None) -> Report:
        self.asked.append((self.seconds, recent))
        return self._look(recent=recent)

    def _wait(self, _condition: object, seconds: float) -> bool:
        self.seconds += seconds
        return False

    def run(self, until: timedelta) -> None:
        """Let so much time pass."""
        self.upkeep.run(lambda: self.seconds > until.total_seconds())


def test_all_streams_come_first_and_once_a_day_and_recent_ones_in_between(scene: Scene) -> None:
    clock = Clock(scene, scene.reconcile())

    clock.run(ALL_EVERY)

    step = RECENT_EVERY.total_seconds()
    times = [number * step for number in range(int(ALL_EVERY / RECENT_EVERY) + 1)]
    assert [at for at, _ in clock.asked] == times
    assert [at for at, recent in clock.asked if recent is None] == [0, ALL_EVERY.total_seconds()]
    assert {recent for _, recent in clock.asked if recent is not None} == {RECENT}


def test_what_differs_is_repaired_counted_and_told(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.fill("lost", 2)
    clock = Clock(scene, scene.reconcile())

    with caplog.at_level(logging.WARNING, "ecshop.reconcile"):
        clock.run(RECENT_EVERY)

    assert scene.version("lost") == 2
    assert clock.upkeep.differences == 1
    assert [record.getMessage() for record in caplog.records] == [
        "read-models: lost is behind, at version 0 where the store has 2"
    ]


def test_a_look_that_failed_is_made_again_whole(scene: Scene) -> None:
    scene.fill("lost", 2)
    scene.store.fails_after = 0
    clock = Clock(scene, scene.reconcile())

    clock.run(timedelta(0))
    trouble = clock.upkeep.trouble
    scene.store.fails_after = None
    clock.run(RECENT_EVERY)

    assert trouble.startswith(StoreUnavailable.__name__)
    assert clock.upkeep.trouble == ""
    assert [recent for _, recent in clock.asked] == [None, None]
    assert scene.version("lost") == 2


def test_it_looks_as_often_as_it_is_told(scene: Scene) -> None:
    clock = Clock(scene, scene.reconcile(), timedelta(seconds=10))

    clock.run(timedelta(seconds=30))

    assert [at for at, _ in clock.asked] == [0, 10, 20, 30]
