"""The figures of the simulation that `docs/choosing.md` quotes are those that its commands print."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from entrypoints.comparison.comparing import ALL_CELLS, Cell, Wish, compare
from entrypoints.comparison.quiet import without_alarms

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT = (DOCS / "choosing.md").read_text(encoding="utf-8")

RUN = re.compile(r"ecshop compare --seed (\d+) --schedules (\d+) .*?\n```\n\n((?:\|.*\n)+)")

IN_CENTS = {"requests_per_command", "usd_per_million_commands"}
"""Figures with two places; all others are told in whole numbers."""

SOAKING = 100
"""A run of more schedules than this is made again by `make soak` alone."""


def quoted(table: str) -> dict[Cell, dict[str, str]]:
    """Give each cell's figures as they stand in a table: a column for each cell, a row for each figure."""
    heading, _line, *rows = [[each.strip() for each in line.strip("|").split("|")] for line in table.splitlines()]
    names = [re.findall(r"`(\w+)`", row[0])[-1] for row in rows]
    cells = [re.findall(r"`([^`]+)`", column) for column in heading[1:]]
    return {
        (design, consumer): dict(zip(names, [row[place] for row in rows], strict=True))
        for place, (design, consumer) in enumerate(cells, 1)
    }


def told(name: str, value: float) -> str:
    """Write a figure as the document does."""
    return f"{value:,.2f}" if name in IN_CENTS else f"{value:,.0f}"


def found(seed: int, schedules: int, cells: Mapping[Cell, Mapping[str, str]]) -> dict[Cell, dict[str, str]]:
    """Run these cells and give the same figures of them."""
    with without_alarms():
        return same_of(compare(Wish(seed, schedules, cells=tuple(cells))), cells)


def same_of(result: Mapping[str, Any], cells: Mapping[Cell, Mapping[str, str]]) -> dict[Cell, dict[str, str]]:
    """Give the figures of a result that are quoted of these cells."""
    return {
        (each["design"], each["consumer"]): {
            name: told(name, each[name]) for name in cells[each["design"], each["consumer"]]
        }
        for each in result["cells"]
        if (each["design"], each["consumer"]) in cells
    }


def runs() -> list[tuple[int, int, dict[Cell, dict[str, str]]]]:
    """Give seed, schedules and cells of each run that is quoted."""
    return [(int(seed), int(schedules), quoted(table)) for seed, schedules, table in RUN.findall(DOCUMENT)]


def test_the_text_says_what_its_table_says() -> None:
    (_seed, schedules, cells), _short = runs()
    cdc, outbox = (cells[design, "doorbell+reconcile"] for design in ("cdc", "outbox"))
    bells = [cells[design, "doorbell"]["lost_orders"] for design in ("cdc", "outbox")]
    dearer = float(outbox["usd_per_million_commands"]) - float(cdc["usd_per_million_commands"])

    for said in (
        f"left {bells[0]} orders unshown in the run of {schedules} schedules below, and `outbox` {bells[1]}",
        f"{cells['dual-write', 'naive']['lost_orders']} orders never shown (b)",
        f"none of its first deliveries out of order, {cdc['inversions']} of `cdc`'s",
        f"the {cdc['inversions']} did no harm",
        f"the median is {cdc['staleness_p50_ms']} ms under `cdc`, {outbox['staleness_p50_ms']} under `outbox`",
        f"{dearer:.1f} USD more per million commands",
    ):
        assert said in " ".join(DOCUMENT.split())
    for name in ("lost", "lost_orders", "broken_promises", "divergence"):
        assert cdc[name] == outbox[name] == "0"
    assert outbox["inversions"] == "0"


def test_the_long_run_is_that_of_the_report_which_is_whole() -> None:
    (seed, schedules, cells), _short = runs()
    report = json.loads((DOCS / "comparison" / "simulated" / "comparison.json").read_text(encoding="utf-8"))

    assert (report["seed"], report["schedules"], report["variants"]) == (seed, schedules, [])
    assert (report["void"], report["broken"], report["interrupted"]) == (False, [], False)
    assert [(each["design"], each["consumer"]) for each in report["cells"]] == list(ALL_CELLS)
    assert same_of(report, cells) == cells


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_what_is_quoted_of_the_simulation_is_what_it_finds(how_many: Callable[[int, int], int]) -> None:
    assert [schedules for _seed, schedules, _cells in runs()] == [200, 20]

    for seed, schedules, cells in runs():
        assert {name for cell in cells.values() for name in cell} >= {"lost_orders", "usd_per_million_commands"}
        if schedules <= how_many(SOAKING, 1000):
            assert found(seed, schedules, cells) == cells
