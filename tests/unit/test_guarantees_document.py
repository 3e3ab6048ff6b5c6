"""`docs/guarantees.md` names tests that are there, for the adapters that they run on."""

import re
from pathlib import Path

from tests.contract import designs, test_delivery
from tests.contract.cannot import CANNOT
from tests.support.tally import REQUIRED

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8").partition("<!-- from here on")[0]
"""What a run writes behind it has its own test."""

COLUMNS = {
    "memory": {"memory"},
    "DynamoDB": {"moto", "ministack"},
    "PostgreSQL": {"postgres", "postgres-system"},
    "Kinesis": {"kinesis"},
    "broker in memory": {"broker"},
    "Kafka": {"kafka"},
    "catcher": {"catcher"},
    "SMTP": {"smtp"},
    "cdc": {"cdc-memory", "cdc-postgres", "cdc-dynamodb-kinesis"},
    "dual-write": {"dual-write-memory", "dual-write-postgres-kafka", "dual-write-dynamodb-kafka"},
    "outbox": {"outbox-memory", "outbox-postgres-kafka", "outbox-dynamodb-kinesis"},
}


LINK = re.compile(r"\[`(test_\w+)`\]\(\.\./tests/contract/(test_\w+\.py)\)")
"""A test, and the file that it is in."""


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


def test_what_an_adapter_cannot_keep_is_said_where_it_is_named() -> None:
    said = {
        (shown_by(row), adapter)
        for rows in tables().values()
        for row in rows
        for column in COLUMNS.keys() & row.keys()
        if row[column].startswith("no: ")
        for adapter in COLUMNS[column]
    }

    shown = {shown_by(row) for rows in tables().values() for row in rows}
    assert said == {(test, adapter) for test, adapter in CANNOT if test in shown}
    assert all(
        row[name].startswith(("yes", "no: ", "–"))
        for rows in tables().values()
        for row in rows
        for name in COLUMNS.keys() & row.keys()
    )


def cells_of(test: str) -> set[str]:
    """Give the designs, on their stores and transports, that a test of theirs runs on."""
    for mark in getattr(getattr(test_delivery, test), "pytestmark", []):
        if mark.name == "parametrize":
            return {each.values[0] for each in mark.args[1]}
    return set(designs.CELLS)


def test_a_design_is_left_out_of_a_promise_only_where_no_test_of_it_runs_and_in_part_where_some_do() -> None:
    for port, rows in tables().items():
        for row in rows:
            for column in COLUMNS.keys() & row.keys():
                cells = COLUMNS[column]
                run = cells & cells_of(shown_by(row)) if port == "Delivery" else cells
                assert (row[column] == "–") == (not run), row
                assert row[column].startswith("yes, but ") == (set() < run < cells), row
