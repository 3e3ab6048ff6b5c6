"""Many schedules of one cell, as the tests look at them."""

from typing import Any

from entrypoints.comparison.comparing import Wish, compare
from entrypoints.comparison.expectations import EXPECTED
from entrypoints.comparison.faults import applicable
from entrypoints.comparison.quiet import without_alarms

SEED = 20_000
"""The first of the schedules that CI runs."""


def many(
    design: str, consumer: str, schedules: int, seed: int = SEED, variants: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Run them; the warnings of thousands of shops are of no use."""
    with without_alarms():
        return compare(Wish(seed, schedules, cells=((design, consumer),), variants=variants))


def assert_it_shows_what_the_table_says(design: str, consumer: str, schedules: int) -> dict[str, Any]:
    """Have every zero hold in every schedule, every x be seen, and every fault that applies fire; give the cell."""
    result = many(design, consumer, schedules)
    (cell,) = result["cells"]
    expected = EXPECTED[design, consumer]

    assert cell["schedules"] == schedules
    assert {name: cell[name] for name in expected.zero} == dict.fromkeys(expected.zero, 0)
    assert result["unseen"] == []
    assert set(cell["faults"]) == set(applicable(design, consumer))
    assert not result["void"]
    assert cell["events"] > 10 * schedules
    return cell  # type: ignore[no-any-return]
