"""The table of `docs/events.md`, as programs read it."""

from pathlib import Path
from typing import NamedTuple

EVENTS = Path(__file__).parents[2] / "docs" / "events.md"


class EventRow(NamedTuple):
    """What the contract says of an event type: whose it is, its schema version today, and the keys of its data in order."""

    aggregate_type: str
    schema_version: int
    keys: tuple[str, ...]


def event_rows() -> dict[str, EventRow]:
    """Read the rows by event type."""
    lines = [line.strip("|").split("|") for line in EVENTS.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    table = [[cell.strip() for cell in line] for line in lines[2:]]
    return {
        event: EventRow(aggregate, int(schema), tuple(keys.split(", "))) for aggregate, event, schema, keys in table
    }
