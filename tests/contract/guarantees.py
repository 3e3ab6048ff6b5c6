"""The first half of `docs/guarantees.md`: which adapter or design passes which test, as the suites have it."""

import re

from tests.contract import designs, test_delivery
from tests.contract.cannot import CANNOT

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
"""What a column stands for."""

LINK = re.compile(r"\[`(test_\w+)`\]\(\.\./tests/contract/(test_\w+\.py)\)")
"""A test, and the file that it is in."""


def written(document: str) -> str:
    """Give the document with each cell as the suites have it: a strict expected failure is a `no` with its reason, all else passes."""
    lines, columns = [], list[str]()
    for line in document.splitlines(keepends=True):
        parts = [part.strip() for part in line.strip().strip("|").split("|")]
        if line.startswith("| guarantee |"):
            columns = parts
        elif line.startswith("| ") and (link := LINK.fullmatch(parts[1])):
            parts[2:] = [_cell(link[1], column) for column in columns[2:]]
            line = f"| {' | '.join(parts)} |\n"  # noqa: PLW2901 - written anew
        lines.append(line)
    return "".join(lines)


def _cell(test: str, column: str) -> str:
    cells = COLUMNS[column]
    run = cells & cells_of(test) if hasattr(test_delivery, test) else cells
    reasons = {CANNOT[test, each] for each in run if (test, each) in CANNOT}
    if not run:
        return "–"
    if reasons:
        (reason,) = reasons
        assert all((test, each) in CANNOT for each in run)
        return f"no: {reason}"
    return "yes" if run == cells else f"yes, but not {', '.join(sorted(cells - run))}"


def cells_of(test: str) -> set[str]:
    """Give the designs, on their stores and transports, that a test of theirs runs on."""
    for mark in getattr(getattr(test_delivery, test), "pytestmark", []):
        if mark.name == "parametrize":
            return {each.values[0] for each in mark.args[1]}
    return set(designs.CELLS)
