"""A look is at one generation, and a repair mends that one alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.delivery.reconcile import Reconcile
from core.delivery.transactions import UnknownFolds
from core.domain.inventory import Inventory
from core.ports.projection_store import Change, Cursor, Standing
from core.projections.rows import FOLDS
from tests.contract.changes import LIVE
from tests.unit.delivery.scene import Scene, folded
from tests.unit.delivery.test_rebuild import doubled


def building_of(scene: Scene) -> int:
    """Have a generation built beside the live one, up to version 3 of the stream s in both."""
    number = scene.projections.begin(FOLDS).number
    scene.fill("s", 3)
    scene.ring("s", 1, 2, 3)
    return number


def falsify(scene: Scene, generation: int, before: Cursor, after: Cursor, total: int = 7) -> None:
    """Move one generation's cursor of s behind the consumer's back, and have its row say something else."""
    with scene.projections.transaction(generation) as transaction:
        row = transaction.lock(["s"])[generation]["s"].row
        assert row
        assert isinstance(row.state, Inventory)
        made = row._replace(version=after.version, state=replace(row.state, total=total))
        transaction.save({generation: [Change("s", before, after, made)]})


def total(scene: Scene, generation: int) -> int:
    """Tell the units of the row of s."""
    row = scene.projections.standings(["s"], generation)["s"].row
    assert row
    assert isinstance(row.state, Inventory)
    return row.state.total


def at_event(scene: Scene, version: int) -> Cursor:
    """Give the cursor at an event of s."""
    return Cursor(version, scene.event("s", version).id)


def look_at_all(reconcile: Reconcile, generation: int | None) -> set[str]:
    return {each.stream for each in reconcile.look(generation=generation).differences}


def look_at_recent(reconcile: Reconcile, generation: int | None) -> set[str]:
    report = reconcile.look(recent=timedelta(days=36_500), generation=generation)
    return {each.stream for each in report.differences}


@pytest.mark.parametrize("look", [look_at_all, look_at_recent])
def test_one_generation_can_be_behind_while_the_other_is_not(
    scene: Scene, look: Callable[[Reconcile, int | None], set[str]]
) -> None:
    number = building_of(scene)
    falsify(scene, number, at_event(scene, 3), at_event(scene, 2))

    assert look(scene.reconcile(), number) == {"s"}
    assert look(scene.reconcile(), LIVE) == look(scene.reconcile(), None) == set()

    scene.projections.swap(number)

    assert look(scene.reconcile(), None) == {"s"}


def test_a_stream_that_the_store_does_not_have_is_unknown_to_the_generation_that_has_it(scene: Scene) -> None:
    number = scene.projections.begin(FOLDS).number
    with scene.projections.transaction(number) as transaction:
        transaction.lock(["ghost"])
        transaction.save({number: [Change("ghost", Cursor(), Cursor(1, "an event"), None)]})

    assert look_at_all(scene.reconcile(), number) == {"ghost"}
    assert look_at_all(scene.reconcile(), LIVE) == set()


@pytest.mark.parametrize("deep", [False, True])
def test_a_repair_mends_one_generation_alone(scene: Scene, *, deep: bool) -> None:
    number, reconcile = building_of(scene), scene.reconcile()
    for generation in (LIVE, number):
        falsify(scene, generation, at_event(scene, 3), at_event(scene, 2), total=11)

    reconcile.repair(reconcile.look(generation=number), deep=deep, generation=number)

    assert look_at_all(reconcile, number) == set()
    assert look_at_all(reconcile, LIVE) == {"s"}


def test_a_deep_look_folds_as_the_generation_does(scene: Scene) -> None:
    number = scene.projections.begin(FOLDS + 1).number
    scene.consumer = doubled(scene)
    scene.fill("s", 2)
    scene.ring("s", 1, 2)
    assert (total(scene, LIVE), total(scene, number)) == (11, 22)

    reconcile = scene.reconcile()

    for generation in (LIVE, number):
        assert reconcile.look(deep=True, generation=generation).differences == ()


def test_a_deep_look_at_a_generation_that_needs_newer_code_is_refused(scene: Scene) -> None:
    scene.fill("s", 1)
    scene.ring("s", 1)
    number = scene.projections.begin(FOLDS + 2).number

    with pytest.raises(UnknownFolds, match="needs folds 3"):
        scene.reconcile().look(deep=True, generation=number)

    assert scene.reconcile().look(deep=True).looked_at == 1


def test_a_deep_look_judges_a_row_up_to_its_cursor(scene: Scene) -> None:
    """What is committed after the heads were compared is no difference."""
    scene.fill("s", 3)
    scene.ring("s", 1, 2)
    standing = scene.projections.standings(["s"])["s"]

    assert scene.deep_look().difference("s", standing, scene.fold) is None
    assert standing.row
    assert standing.row.state != folded(scene.store, "s")
    assert scene.deep_look().difference("s", Standing(standing.cursor), scene.fold) == "another row"
