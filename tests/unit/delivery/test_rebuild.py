"""A generation is built beside the live one while events go on, and takes its place only when nothing differs."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from adapters.inmemory.projection_store import InMemoryTransaction
from core.delivery.consumer import Consumer
from core.delivery.rebuild import NotReconciled, Rebuild, StillParked
from core.delivery.transactions import UnknownFolds
from core.domain.aggregate import Aggregate
from core.domain.inventory import Inventory
from core.ports.event_feed import Doorbell
from core.ports.events import RecordedEvent
from core.ports.generations import GenerationsRefused
from core.projections.rows import FOLDS
from tests.contract.changes import LIVE
from tests.unit.delivery.poisons import row_refused
from tests.unit.delivery.scene import Scene


def doubled(scene: Scene) -> Consumer:
    """Give a consumer that has newer folds too: a row shows twice the stock."""

    def fold(state: Aggregate | None, event: RecordedEvent) -> Aggregate | None:
        after = scene.fold(state, event)
        assert isinstance(after, Inventory)
        before = state.total if isinstance(state, Inventory) else 0
        return replace(after, total=after.total + (after.total - before))

    scene.folds[FOLDS + 1] = fold
    return scene.new_consumer()


def rebuild(scene: Scene, folds: int = FOLDS) -> Rebuild:
    return Rebuild(scene.store, scene.projections, scene.consumer, scene.reconcile(), folds)


def replayed(steps: Rebuild, segments: int = 2) -> int:
    """Begin and replay all segments; tell how many events that were."""
    generation = steps.begin()
    return sum(count for segment in range(segments) for count in steps.replay(generation, segment, segments))


def numbers(scene: Scene) -> dict[int, str]:
    return {generation.number: generation.status for generation in scene.projections.generations()}


def test_rows_are_built_anew_and_then_read(scene: Scene) -> None:
    scene.fill("a", 3)
    scene.fill("b", 2)
    scene.ring("a", 1)
    steps = rebuild(scene)

    assert replayed(steps) == 5
    assert scene.version("a") == 1
    assert steps.go_live(steps.begin()) == ()

    assert numbers(scene) == {1: "retired", 2: "live"}
    assert (scene.version("a"), scene.total("a"), scene.total("b")) == (3, 111, 11)


def test_events_that_come_while_it_goes_on_reach_both_generations(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.ring("s", 1, 2)
    steps = rebuild(scene)
    generation = steps.begin()
    scene.fill("s", 1)
    scene.ring("s", 3)
    assert scene.version("s") == 3
    assert scene.projections.standings(["s"], generation.number)["s"].cursor == scene.cursor("s")

    replayed(steps)
    steps.go_live(generation)

    assert (scene.version("s"), scene.total("s")) == (3, 111)


def test_a_rebuild_that_was_stopped_goes_on_where_it_was(scene: Scene) -> None:
    for number in range(600):
        scene.fill(f"s-{number}", 1)
    steps = rebuild(scene)
    generation = steps.begin()
    next(steps.replay(generation, 0, 1))
    folded = len(scene.fold.folded)

    steps = rebuild(scene)
    assert steps.begin() == generation
    assert sum(steps.replay(generation, 0, 1)) == 600
    steps.go_live(generation)

    assert len(scene.fold.folded) == 600
    assert folded == 500
    assert [scene.version(f"s-{number}") for number in range(600)] == [1] * 600


def test_what_the_replay_missed_is_reconciled_before_people_read_it(scene: Scene) -> None:
    scene.fill("s", 2)
    steps = rebuild(scene)
    generation = steps.begin()
    told = list[int]()

    steps.go_live(generation, lambda report: told.append(len(report.differences)))

    assert told == [1, 0]
    assert scene.version("s") == 2
    assert scene.projections.standings(["s"], LIVE) == {}  # which is nobody's business here


def test_a_generation_that_does_not_converge_does_not_go_live(scene: Scene) -> None:
    scene.fill("s", 1)
    steps = Rebuild(scene.store, scene.projections, scene.consumer, scene.reconcile(), FOLDS)
    generation = steps.begin()
    scene.consumer.handle = lambda *_: None  # type: ignore[method-assign]

    with pytest.raises(NotReconciled, match="s \\(behind\\)"):
        steps.go_live(generation)

    assert numbers(scene) == {1: "live", 2: "building"}


def test_a_stream_that_is_parked_in_both_does_not_stop_the_swap_and_is_listed(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.fold.bugs.add(("s", 2))
    scene.ring("s", 1, 2)
    steps = rebuild(scene)
    replayed(steps)

    assert steps.go_live(steps.begin()) == ("s",)
    assert numbers(scene)[2] == "live"


def test_a_stream_that_is_parked_in_the_new_one_alone_stops_the_swap(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.ring("s", 1, 2)
    scene.fold.bugs.add(("s", 2))
    steps = rebuild(scene)
    replayed(steps)

    with pytest.raises(StillParked, match="s"):
        steps.go_live(steps.begin())

    assert numbers(scene)[2] == "building"


def test_a_damaged_stream_ends_its_segment_and_the_rest_is_reconciled(scene: Scene) -> None:
    scene.fill("s", 3)
    scene.ring("s", 1)
    del scene.memory._streams["s"][1]
    scene.consumer.handle([Doorbell("s", 3, None, "3")])
    scene.fill("t", 2)
    steps = rebuild(scene)
    replayed(steps, segments=1)

    assert steps.go_live(steps.begin()) == ("s",)
    assert (scene.version("t"), scene.total("t")) == (2, 11)


def test_new_folds_fill_the_new_generation_and_the_old_ones_the_old_until_the_swap(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.ring("s", 1, 2)
    scene.consumer = doubled(scene)
    reconcile = scene.reconcile()
    steps = Rebuild(scene.store, scene.projections, scene.consumer, reconcile, FOLDS + 1)
    replayed(steps)
    assert scene.total("s") == 11

    steps.go_live(steps.begin())

    assert scene.total("s") == 22


def test_code_that_does_not_know_the_folds_of_a_generation_fails_the_batch(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.ring("s", 1)
    scene.projections.begin(FOLDS + 1)

    with pytest.raises(UnknownFolds, match=r"generation 2 needs folds 2; this code has \[1\]"):
        scene.ring("s", 2)

    assert scene.version("s") == 1


def test_a_retired_generation_is_dropped_by_the_next_rebuild(scene: Scene) -> None:
    for number in (2, 3):
        steps = rebuild(scene)
        steps.go_live(steps.begin())
        assert numbers(scene) == {number - 1: "retired", number: "live"}


def test_two_kinds_of_folds_are_never_built_at_once(scene: Scene) -> None:
    rebuild(scene).begin()

    with pytest.raises(GenerationsRefused):
        rebuild(scene, FOLDS + 1).begin()


@pytest.mark.parametrize("act", ["isolation", "redrive", "refold", "starting over"])
def test_a_generation_that_is_retired_in_the_middle_of_something_is_let_go(scene: Scene, act: str) -> None:
    scene.fill("s", 3)
    if act in {"redrive", "starting over"}:
        scene.fold.bugs.add(("s", 2))
        scene.ring("s", 1, 2, 3)
        scene.fold.bugs.clear()
    if act in {"isolation", "starting over"}:
        row_refused(scene, "s", 2)
    generation = rebuild(scene).begin()
    sum(rebuild(scene).replay(generation, 0, 1))
    begun = 0
    begin = scene.projections.transaction

    def transaction(only: int | None = None) -> AbstractContextManager[InMemoryTransaction]:
        nonlocal begun
        begun += only == 1
        if only == 1 and begun == (
            2 if act == "isolation" else 1
        ):  # isolation first looks for the stream, then for the event
            scene.projections.swap(generation.number)
        return begin(only)

    scene.projections.transaction = transaction  # type: ignore[method-assign, assignment]
    acts: dict[str, Callable[[], object]] = {
        "isolation": lambda: scene.ring("s", 1, 2, 3),
        "redrive": lambda: scene.consumer.redrive("s"),
        "refold": lambda: scene.consumer.refold("s"),
        "starting over": lambda: scene.consumer.refold("s"),
    }
    acts[act]()

    assert numbers(scene) == {1: "retired", 2: "live"}
