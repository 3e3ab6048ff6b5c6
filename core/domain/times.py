"""How times are written."""

from datetime import UTC, datetime


def instant(at: datetime) -> str:
    """Write a time as RFC 3339 in UTC with exactly six digits, so that text sorts as time does."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat("T", "microseconds")[:26] + "Z"
