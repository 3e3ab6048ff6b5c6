"""What each fault alone does to each design and consumer: the second half of `docs/guarantees.md`, as it comes out of runs.

`make guarantees` writes it there, and the cells of the first half; tests compare both.
"""

import sys
from pathlib import Path
from typing import Any

from entrypoints.comparison.comparing import Wish, compare
from entrypoints.comparison.faults import APPLIES, CONSUMERS, DESIGNS, RATES, applicable
from entrypoints.comparison.quiet import without_alarms
from tests.contract.guarantees import written

DOCUMENT = Path(__file__).parents[3] / "docs" / "guarantees.md"
BEGIN = "<!-- from here on: make guarantees -->\n"
TEST = "test_a_fault_alone_does_what_the_document_says"

SEED, SCHEDULES, HARDER = 30_000, 4, 5.0
"""A fault that is alone strikes so many times as often as among others."""

LATE_MS = 1000.0
"""What takes longer to be shown is delayed; without any fault nothing takes half of it."""

NONE = "no fault"
"""What two clients who meet do by themselves."""

MARKS = {
    "lost": "L",
    "ghosts": "G",
    "applied_twice": "A",
    "torn_stored": "T",
    "mails_missing": "m",
    "mails_ghost": "g",
    "mails_repeated": "s",
    "duplicates": "r",
    "inversions": "o",
}


def marks(cell: dict[str, Any]) -> str:
    """Give the letters of what happened in a cell; a dot for nothing."""
    found = [letter for name, letter in MARKS.items() if cell[name]]
    late = [cell["staleness_max_ms"] > LATE_MS] if cell["staleness_max_ms"] else []
    return " ".join([*found, *["d" for each in late if each]]) or "·"


def alone(design: str, consumer: str, fault: str) -> str:
    """Run a cell with one fault and no other; give its marks.

    Raises:
        AssertionError: the fault never fired, so nothing was shown.
    """
    rates = {} if fault == NONE else {fault: min(RATES[fault] * HARDER, 0.5)}
    with without_alarms():
        result = compare(Wish(SEED, SCHEDULES, cells=((design, consumer),), rates=rates))
    (cell,) = result["cells"]
    assert set(cell["faults"]) == set(rates), f"{fault} never fired under {design} with {consumer}"
    return marks(cell)


def row(design: str, fault: str) -> str:
    """Give a fault's line in a design's table; empty where the fault does not apply."""
    cells = [alone(design, each, fault) if fault in (NONE, *applicable(design, each)) else "–" for each in CONSUMERS]
    if set(cells) == {"–"}:
        return ""
    linked = [mark if mark == "–" else f"[{mark}][shown]" for mark in cells]
    return f"| `{fault}` | {' | '.join(linked)} |\n"


def rows(design: str) -> str:
    """Give all lines of a design."""
    return "".join(row(design, fault) for fault in (NONE, *APPLIES))


def section() -> str:
    """Give the whole second half."""
    tables = [
        f"## What each fault does: {design}\n\n| fault | {' | '.join(CONSUMERS)} |\n|{'---|' * 5}\n{rows(design)}\n"
        for design in DESIGNS
    ]
    return (
        f"""{BEGIN}
One fault at a time, {HARDER:.0f} times as often as among others, {SCHEDULES} simulated schedules a cell, after the clean-up of
[delivery.md](delivery.md). **L** events lost in effect, **G** ghosts in effect, **A** applied twice, **T** commits torn in the store,
**m** mails missing, **g** mails about ghosts, **s** mails sent again; and on the way, which a right consumer does not mind,
**r** delivered repeatedly, **o** delivered out of order, **d** shown more than {LATE_MS / 1000:.0f} s late. · nothing of it;
– the fault cannot happen there.

"""
        + "".join(tables)
        + f"[shown]: ../tests/integration/comparison/test_faults_alone.py\n\nEach cell is one `{TEST}`.\n"
    )


if __name__ == "__main__":
    before = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[0].rstrip() + "\n\n"
    DOCUMENT.write_text(written(before) + section(), encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT.name} is written.\n")
