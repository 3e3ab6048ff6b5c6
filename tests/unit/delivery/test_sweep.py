"""A look at all streams in parts: together they find what one look does, and a part that was looked at is not looked at again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.delivery.reconcile import Kind, Part, Report
from core.delivery.sweep import Sweep
from core.delivery.upkeep import ALL_EVERY
from core.ports.event_store import StoreUnavailable
from tests.support.commits import AT
from tests.unit.delivery.scene import Scene
from tests.unit.delivery.test_reconcile import DIFFERENCES, applied

SEGMENTS = 4


class Clock:
    """A day that the test turns."""

    def __init__(self) -> None:
        """Start at the test's time."""
        self.now = AT


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands."""
    return Clock()


@pytest.fixture
def told() -> list[Report]:
    """Collect what is told."""
    return []


@pytest.fixture
def sweep(scene: Scene, clock: Clock) -> Sweep:
    """Give a sweep that lives on nothing but what is kept."""
    environment = replace(scene.environment, now=lambda: clock.now)
    return Sweep(scene.reconcile(), scene.projections, environment, SEGMENTS)


def in_time_for(parts: int) -> Callable[[], bool]:
    """Give a look at the clock that lets so many parts begin."""
    left = iter([True] * parts)
    return lambda: next(left, False)


def always() -> bool:
    return True


@pytest.mark.parametrize(
    ("happens", "kind", "cursor", "head"), DIFFERENCES, ids=lambda value: getattr(value, "__name__", "")
)
def test_the_parts_together_find_what_one_look_finds(
    scene: Scene, happens: Callable[[Scene], None], kind: Kind, cursor: int, head: int
) -> None:
    for number in range(20):
        applied(scene, f"healthy-{number}", 1)
    happens(scene)

    reports = [scene.reconcile().look(part=Part(segment, SEGMENTS)) for segment in range(SEGMENTS)]

    found = {(each.stream, each.kind) for report in reports for each in report.differences}
    assert found == {("s", kind)}
    assert cursor != head or kind == "another event"


def test_no_stream_is_looked_at_in_two_parts(scene: Scene) -> None:
    for number in range(20):
        applied(scene, f"s-{number}", 1)

    reports = [scene.reconcile().look(part=Part(segment, SEGMENTS)) for segment in range(SEGMENTS)]

    assert sum(report.looked_at for report in reports) == 20


def test_a_sweep_repairs_what_differs_and_is_done(scene: Scene, sweep: Sweep, told: list[Report]) -> None:
    for number in range(20):
        scene.fill(f"s-{number}", 1)

    assert sweep.go_on(ALL_EVERY, always, told.append)

    assert sum(len(report.differences) for report in told) == 20
    assert all(scene.version(f"s-{number}") == 1 for number in range(20))


def test_when_time_is_up_the_next_call_does_the_parts_that_are_left(
    scene: Scene, sweep: Sweep, told: list[Report]
) -> None:
    applied(scene, "s", 1)

    assert not sweep.go_on(ALL_EVERY, in_time_for(3), told.append)
    assert len(told) == 3
    assert sweep.go_on(ALL_EVERY, in_time_for(1), told.append)
    assert len(told) == SEGMENTS


def test_a_part_that_failed_is_looked_at_again(scene: Scene, sweep: Sweep, told: list[Report]) -> None:
    scene.fill("s", 1)
    scene.store.fails_after = 0
    with pytest.raises(StoreUnavailable):
        sweep.go_on(ALL_EVERY, always, told.append)

    scene.store.fails_after = None
    assert sweep.go_on(ALL_EVERY, always, told.append)
    assert scene.version("s") == 1


def test_within_the_day_a_sweep_that_is_done_is_not_begun_again(
    scene: Scene, sweep: Sweep, clock: Clock, told: list[Report]
) -> None:
    sweep.go_on(ALL_EVERY, always, told.append)
    clock.now += ALL_EVERY - timedelta(seconds=1)

    assert sweep.go_on(ALL_EVERY, always, told.append)
    assert len(told) == SEGMENTS


def test_each_day_a_sweep_begins(scene: Scene, sweep: Sweep, clock: Clock, told: list[Report]) -> None:
    sweep.go_on(ALL_EVERY, always, told.append)
    scene.fill("lost", 1)
    clock.now += ALL_EVERY

    assert sweep.go_on(ALL_EVERY, always, told.append)
    assert len(told) == 2 * SEGMENTS
    assert scene.version("lost") == 1


@pytest.mark.parametrize("kept", ["", "garbage", "2026-01-02T03:04:05.000000Z 1/3", "x 1/4", "2026-01-02T03:04:05Z 1"])
def test_a_bookmark_of_another_division_or_of_nobody_begins_anew(
    scene: Scene, sweep: Sweep, told: list[Report], kept: str
) -> None:
    scene.projections.keep_bookmark(kept)

    assert sweep.go_on(ALL_EVERY, always, told.append)
    assert len(told) == SEGMENTS
