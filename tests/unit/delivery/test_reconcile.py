"""What nobody rings for: reconciling finds it, and repairs it by the consumer rule."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.delivery.reconcile import Difference, Kind
from core.domain.inventory import Inventory
from core.ports.event_store import StoreUnavailable
from core.ports.projection_store import Change, Cursor, Row
from tests.contract.changes import LIVE
from tests.unit.delivery.poisons import parked_at, row_refused
from tests.unit.delivery.scene import Scene


def applied(scene: Scene, stream: str, events: int) -> None:
    """Write so many events, and ring for each."""
    scene.fill(stream, events)
    scene.ring(stream, *range(1, events + 1))


def falsify(scene: Scene, stream: str, total: int) -> None:
    """Change a row behind the consumer's back."""
    with scene.projections.transaction() as transaction:
        cursor, row, _ = transaction.lock([stream])[LIVE][stream]
        assert row
        assert isinstance(row.state, Inventory)
        transaction.save({LIVE: [Change(stream, cursor, cursor, row._replace(state=replace(row.state, total=total)))]})


def behind(scene: Scene) -> None:
    applied(scene, "s", 2)
    scene.fill("s", 1)


def never_rung_for(scene: Scene) -> None:
    scene.fill("s", 3)


def ahead(scene: Scene) -> None:
    applied(scene, "s", 3)
    scene.cut("s", 2)


def another_event(scene: Scene) -> None:
    applied(scene, "s", 2)
    scene.replace("s", 2, id="another")


def another_event_and_behind(scene: Scene) -> None:
    another_event(scene)
    scene.fill("s", 2)


def unknown(scene: Scene) -> None:
    applied(scene, "s", 2)
    del scene.memory._streams["s"]


DIFFERENCES: list[tuple[Callable[[Scene], None], Kind, int, int]] = [
    (behind, "behind", 2, 3),
    (never_rung_for, "behind", 0, 3),
    (ahead, "ahead", 3, 2),
    (another_event, "another event", 2, 2),
    (another_event_and_behind, "another event", 2, 4),
    (unknown, "unknown", 2, 0),
]


@pytest.mark.parametrize(
    ("happens", "kind", "cursor", "head"), DIFFERENCES, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_stream_that_differs_is_told_and_repaired_by_the_consumer_rule(
    scene: Scene, happens: Callable[[Scene], None], kind: Kind, cursor: int, head: int
) -> None:
    applied(scene, "healthy", 3)
    happens(scene)

    report = scene.reconcile().look()

    ((stream, found, at, newest),) = report.differences
    assert (stream, found, at.version, newest.version) == ("s", kind, cursor, head)
    scene.reconcile().repair(report)
    assert scene.reconcile().look().differences == ()
    assert scene.version("s") == head
    assert (scene.projections.row("s") is not None) == (head > 0)


def test_nothing_differs_where_all_was_applied(scene: Scene) -> None:
    applied(scene, "a", 2)
    applied(scene, "b", 1)

    report = scene.reconcile().look(deep=True)

    assert (report.looked_at, report.differences, report.parked) == (2, (), ())


def test_what_was_only_on_its_way_does_not_count(scene: Scene) -> None:
    scene.fill("late", 2)
    scene.fill("lost", 2)

    report = scene.reconcile(lag=lambda: scene.ring("late", 1, 2)).look()

    assert [difference.stream for difference in report.differences] == ["lost"]


def test_a_stream_that_goes_on_all_the_time_need_only_have_come_to_where_the_store_was(scene: Scene) -> None:
    for stream in ("busy", "stuck"):
        applied(scene, stream, 1)
        scene.fill(stream, 2)

    def go_on() -> None:
        scene.ring("busy", 2, 3)
        scene.ring("stuck", 2)
        for stream in ("busy", "stuck"):
            scene.fill(stream, 1)

    assert [difference.stream for difference in scene.reconcile(lag=go_on).look().differences] == ["stuck"]


def test_a_wrong_row_of_a_stream_that_goes_on_all_the_time_is_told(scene: Scene) -> None:
    applied(scene, "s", 2)
    falsify(scene, "s", total=7)

    (difference,) = scene.reconcile(lag=lambda: scene.fill("s", 1)).look(deep=True).differences

    assert difference.kind == "another row"


def test_a_stream_that_is_new_between_two_looks_does_not_count(scene: Scene) -> None:
    applied(scene, "s", 1)
    scene.projections.all_standings = lambda generation=None: iter(  # type: ignore[method-assign]
        [("new", scene.projections.kept(generation).standing("s"))]
    )

    report = scene.reconcile(lag=lambda: applied(scene, "new", 1)).look()

    assert report.differences == ()


def test_a_parked_stream_is_left_to_redrive_and_listed(scene: Scene) -> None:
    scene.fill("s", 3)
    scene.fold.bugs.add(("s", 2))
    scene.ring("s", 1, 2, 3)

    report = scene.reconcile().look(deep=True)

    assert (report.differences, report.parked) == ((), ("s",))


def test_a_stream_with_a_hole_is_told_and_its_repair_parks_it(scene: Scene) -> None:
    applied(scene, "s", 2)
    scene.fill("s", 3)
    del scene.memory._streams["s"][2]

    report = scene.reconcile().look()

    assert report.differences == (Difference("s", "damaged", scene.cursor("s"), Cursor(3)),)
    scene.reconcile().repair(report)
    parked = scene.parked("s")
    assert parked
    assert parked.version == 3
    assert scene.reconcile().look().parked == ("s",)


@pytest.mark.parametrize("deep", [False, True])
def test_only_a_deep_look_sees_that_a_row_is_not_the_fold_of_its_events(scene: Scene, *, deep: bool) -> None:
    applied(scene, "s", 3)
    falsify(scene, "s", total=7)

    report = scene.reconcile().look(deep=deep)

    assert [difference.kind for difference in report.differences] == (["another row"] if deep else [])
    scene.reconcile().repair(report, deep=True)
    assert (scene.total("s") == 111) == deep


def test_a_row_that_is_missing_is_another_row(scene: Scene) -> None:
    applied(scene, "s", 1)
    with scene.projections.transaction() as transaction:
        cursor = transaction.lock(["s"])[LIVE]["s"].cursor
        transaction.save({LIVE: [Change("s", cursor, cursor, None)]})

    assert [each.kind for each in scene.reconcile().look(deep=True).differences] == ["another row"]


def test_a_row_of_another_version_is_another_row(scene: Scene) -> None:
    applied(scene, "s", 2)
    with scene.projections.transaction() as transaction:
        cursor, row, _ = transaction.lock(["s"])[LIVE]["s"]
        assert row
        transaction.save({LIVE: [Change("s", cursor, cursor, Row("s", 1, row.state))]})

    assert [each.kind for each in scene.reconcile().look(deep=True).differences] == ["another row"]


def test_a_look_at_recent_streams_leaves_the_others_alone(scene: Scene) -> None:
    scene.fill("old", 1)
    scene.replace("old", 1, created_at=scene.environment.now() - timedelta(hours=1))
    scene.memory._log[0] = scene.event("old", 1)
    scene.fill("new", 1)
    scene.replace("new", 1, created_at=scene.environment.now())
    scene.memory._log[1] = scene.event("new", 1)

    report = scene.reconcile().look(recent=timedelta(minutes=10))

    assert (report.looked_at, [each.stream for each in report.differences]) == (1, ["new"])


def test_a_look_is_told_as_it_goes(scene: Scene) -> None:
    for number in range(1_200):
        scene.fill(f"s-{number}", 1)
    told: list[int] = []

    scene.reconcile().look(tell=told.append)

    assert (len(told) > 2, sum(told)) == (True, 1_200)


def test_a_store_that_is_away_gives_no_report(scene: Scene) -> None:
    scene.fill("s", 1)
    scene.store.fails_after = 0

    with pytest.raises(StoreUnavailable):
        scene.reconcile().look()


def test_a_deep_repair_parks_a_stream_at_the_event_whose_row_is_refused(scene: Scene) -> None:
    applied(scene, "s", 5)
    falsify(scene, "s", total=7)
    row_refused(scene, "s", 3)
    reconcile = scene.reconcile()

    reconcile.repair(reconcile.look(deep=True), deep=True)

    assert parked_at(scene, "s", version=3, attempts=1, newest=5)
    assert (scene.version("s"), scene.total("s")) == (2, 11)
