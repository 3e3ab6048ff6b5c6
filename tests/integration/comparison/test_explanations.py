"""The shortest way to lose an order: found by shrinking, and nothing in it can be left out."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from entrypoints.comparison.evidence import Evidence
from entrypoints.comparison.explain import Found, loses_an_order, shortest, steps_in_words
from entrypoints.comparison.quiet import without_alarms
from entrypoints.comparison.schedule_file import read, written
from entrypoints.comparison.simulated.run import Plan, Run

SEEDS = (1, 2, 3)


@cache
def found(seed: int) -> Found:
    """Look once for each."""
    with without_alarms():
        return shortest(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_order_is_stored_and_never_shown(seed: int) -> None:
    evidence: Evidence = found(seed).evidence
    stored = {event["stream"] for event in evidence.events if event["type"] == "OrderPlaced"}

    assert stored - evidence.rows.keys()
    assert "is answered with an error" in " ".join(what for _at, _who, what in evidence.timeline) or any(
        "dies" in what for _at, _who, what in evidence.timeline
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_it_has_a_product_a_cart_an_order_and_one_fault(seed: int) -> None:
    plan = found(seed).plan

    assert [step.do for step in plan.steps] == ["create_product", "add_to_cart", "place_order"]
    assert sum(len(occasions) for occasions in (plan.faults or {}).values()) == 1
    assert len(steps_in_words(plan)) == 4


@pytest.mark.parametrize("seed", SEEDS)
def test_without_any_one_step_nothing_is_lost(seed: int) -> None:
    plan = found(seed).plan
    assert loses_an_order(plan)

    shorter = [replace(plan, steps=[*plan.steps[:place], *plan.steps[place + 1 :]]) for place in range(len(plan.steps))]
    shorter.append(replace(plan, faults={}))

    assert [loses_an_order(each) for each in shorter] == [False] * 4


def test_a_schedule_is_replayed_from_its_file(tmp_path: Path) -> None:
    plan: Plan = found(1).plan
    path = tmp_path / "schedule.json"
    path.write_text(written(plan), encoding="utf-8")

    replayed = read(path)

    assert Run(replayed).finish().timeline == found(1).evidence.timeline
    assert written(replayed) == written(plan)
