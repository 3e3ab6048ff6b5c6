"""Schedules in files: what was written is read, and what cannot be meant is refused in a sentence."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from entrypoints.comparison.explain import ATTEMPTS
from entrypoints.comparison.schedule_file import WrongSchedule, read, written
from entrypoints.comparison.simulated.run import Plan
from entrypoints.comparison.workload import Step

PLAN = Plan(
    "dual-write",
    "naive",
    7,
    [Step("create_product", {"product": 1, "stock": 5}), Step("pay_order", {"order": 1}, repeat=True)],
    {},
    {"publish.fail": [2, 5]},
    clients=1,
    variants=("keyed",),
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "schedule.json"
    path.write_text(written(PLAN), encoding="utf-8")

    assert read(path) == PLAN


def test_what_the_search_from_the_last_seed_finds_is_read(tmp_path: Path) -> None:
    path, found = tmp_path / "schedule.json", replace(PLAN, seed=1_000_000_000 * ATTEMPTS + ATTEMPTS - 1)
    path.write_text(written(found), encoding="utf-8")

    assert read(path) == found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "version 2; this code reads version 1"),
        ({"version": None}, "version None"),
        ({"design": "carrier-pigeon"}, "'carrier-pigeon' is no design; there are cdc, dual-write"),
        ({"consumer": "lazy"}, "'lazy' is no consumer; there are naive, cursor"),
        ({"faults": {"meteor": [1]}}, "'meteor' is no fault; there are write.before"),
        ({"faults": {"publish.fail": [0]}}, "0 is no occasion: that is a whole number from 1 to"),
        ({"clients": 0}, "0 is no number of clients"),
        ({"steps": [{"do": "dance", "on": {}}]}, "'dance' is no step; there are create_product"),
        ({"steps": [{"do": "pay_order"}]}, "'on' is missing"),
        ({"variants": ["lucky"]}, "'lucky' is no variant; there are keyed, retry"),
        ({"consumer": "doorbell", "design": "cdc", "faults": {}}, "cdc has no variants"),
        ({"steps": 3}, "3 is no list"),
        ({"steps": ["x"]}, "'x' is no object"),
        ({"steps": [{"do": "place_order", "on": {"shopper": 1}}]}, "place_order is about shopper, order, not shopper"),
        ({"steps": [{"do": "pay_order", "on": {"order": 1.5}}]}, "1.5 is no order"),
        ({"faults": []}, "[] is no object"),
        ({"faults": {"publish.fail": 1}}, "1 is no list"),
        ({"faults": {"feed.duplicate": [1]}}, "'feed.duplicate' cannot happen under dual-write with naive"),
        ({"seed": "x"}, "'x' is no seed"),
        ({"seed": 1e400}, "inf is no seed"),
        ({"clients": 1_000_000}, "1000000 is no number of clients"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, change: Mapping[str, object], said: str) -> None:
    path = tmp_path / "schedule.json"
    path.write_text(json.dumps({**json.loads(written(PLAN)), **change}), encoding="utf-8")

    with pytest.raises(WrongSchedule) as refused:
        read(path)

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", ["", "[]", "{", "\0", "[" * 100_000])
def test_what_is_no_schedule_at_all_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "schedule.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(WrongSchedule, match=r"cannot be read as a schedule|version None"):
        read(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongSchedule, match=r"nothing\.json"):
        read(tmp_path / "nothing.json")
