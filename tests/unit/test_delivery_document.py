"""`docs/delivery.md`, the tests it names, and the code name the same things."""

import re
from pathlib import Path

from core.ports.environment import FAILPOINTS
from entrypoints.comparison.faults import APPLIES, CONSUMERS, DESIGNS, RATES
from entrypoints.comparison.figures import COUNTED

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "delivery.md").read_text(encoding="utf-8")


def rows_of(section: str) -> list[list[str]]:
    """Give the cells of a section's table, without its heading."""
    text = DOCUMENT.partition(f"## {section}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def crash_points_in_the_code() -> set[str]:
    sources = [
        path.read_text(encoding="utf-8") for folder in ("core", "adapters") for path in (ROOT / folder).rglob("*.py")
    ]
    return {name for source in sources for name in re.findall(r'failpoint\("([a-z_.]+)"\)', source)}


def test_the_crash_points_of_the_document_are_those_of_the_code() -> None:
    in_the_document = {point.strip("`") for point, _where in rows_of("Crash points")}

    assert in_the_document == crash_points_in_the_code() == FAILPOINTS


def test_the_faults_of_the_document_are_those_of_the_comparison() -> None:
    crashes = {point.strip("`") for point, _where in rows_of("Crash points")}
    others = {fault.strip("`") for fault, _what, _where in rows_of("Faults")}

    assert crashes | others == set(APPLIES) == set(RATES)
    assert crashes & others == set()
    assert min(RATES.values()) > 0


def test_the_designs_and_consumers_of_the_document_are_those_of_the_comparison() -> None:
    assert [design.strip("`") for design, *_ in rows_of("What is compared")] == list(DESIGNS)
    assert [consumer.strip("`") for consumer, _what in rows_of("Consumers")] == list(CONSUMERS)


def test_every_figure_of_the_comparison_is_in_the_document() -> None:
    named = {name for figures, _what in rows_of("The comparison") for name in re.findall(r"`(\w+)", figures)}

    assert set(COUNTED) <= named


def test_each_row_of_the_consumer_rule_names_a_test_that_shows_it() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "unit" / "delivery").glob("test_*.py")]
    tests = {name for source in sources for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)}

    named = [shown_by.strip("`") for _doorbell, _what, shown_by in rows_of("The consumer rule")]

    assert len(named) == len(set(named)) >= 9
    assert set(named) - tests == set()
