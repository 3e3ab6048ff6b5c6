"""Small changes for the projection store's suites, and a look at what is there."""

from core.domain.inventory import Inventory
from core.ports.projection_store import Change, Cursor, Parked, ProjectionStore, Row

START = Cursor()
LIVE = 1
"""The generation that a new store has."""


def at(version: int) -> Cursor:
    """Give a cursor at an event."""
    return Cursor(version, f"event-{version}")


def row(stream: str, version: int, total: int = 1) -> Row:
    """Give a row."""
    return Row(stream, version, Inventory("p", total))


def moved(stream: str, before: Cursor, after: Cursor, parked: Parked | None = None) -> Change:
    """Give a change that moves a cursor and saves a row there."""
    return Change(stream, before, after, row(stream, after.version), parked)


def saved(projections: ProjectionStore, *changes: Change) -> None:
    """Save changes in a transaction of their own."""
    with projections.transaction() as transaction:
        transaction.lock([change.stream for change in changes])
        transaction.save({LIVE: changes})


def what_is_there(
    projections: ProjectionStore, *streams: str
) -> tuple[dict[str, Cursor], dict[str, Row], dict[str, Parked]]:
    """Look at cursors, rows and parked streams in a transaction of their own."""
    with projections.transaction() as transaction:
        standings = transaction.lock(streams)[LIVE]
    cursors = {stream: standing.cursor for stream, standing in standings.items()}
    rows = {stream: standing.row for stream, standing in standings.items() if standing.row}
    return cursors, rows, {stream: standing.parked for stream, standing in standings.items() if standing.parked}
