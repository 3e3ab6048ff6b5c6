"""`docs/guarantees.md` names tests that are there, for the adapters that they run on."""

import re
from pathlib import Path

from tests.contract.guarantees import COLUMNS, LINK, written
from tests.support.tally import REQUIRED

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8").partition("<!-- from here on")[0]
"""What a run writes behind it has its own test."""


def shown_by(row: dict[str, str]) -> str:
    """Give the name of the test that a row links."""
    found = LINK.fullmatch(row["shown by"])
    assert found, row
    return found[1]


def tables() -> dict[str, list[dict[str, str]]]:
    """Give the rows of each port, by the names of the columns."""
    found = {}
    for section in DOCUMENT.split("\n## ")[1:]:
        heading, *lines = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"
        ]
        found[section.partition("\n")[0]] = [dict(zip(heading, line, strict=True)) for line in lines[1:]]
    return found


def test_every_port_and_each_of_its_adapters_has_its_column() -> None:
    columns = {port: set(rows[0]) & set(COLUMNS) for port, rows in tables().items()}

    assert {port: {each for name in names for each in COLUMNS[name]} for port, names in columns.items()} == {
        port: set(adapters) for port, adapters in REQUIRED.items()
    }


def test_every_guarantee_links_a_contract_test_and_the_file_that_it_is_in() -> None:
    sources = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "contract").glob("test_*.py")}
    tests = {
        (name, file)
        for file, source in sources.items()
        for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)
    }

    rows = [row for rows in tables().values() for row in rows]
    named = [shown_by(row) for row in rows]

    assert len(named) == len(set(named)) > 25
    assert {found.groups() for row in rows if (found := LINK.fullmatch(row["shown by"]))} - tests == set()


def test_each_cell_says_what_the_suites_say() -> None:
    """What they expect to fail, strictly, is a `no`; `make guarantees` writes the cells so."""
    assert written(DOCUMENT) == DOCUMENT


def test_a_cell_that_says_otherwise_is_written_anew() -> None:
    for said, otherwise in (
        ("| yes |", "| no: it is late |"),
        ("| no: DynamoDB sees", "| yes, it sees"),
        ("| – |", "| yes |"),
    ):
        assert said in DOCUMENT
        assert written(DOCUMENT.replace(said, otherwise, 1)) == DOCUMENT
