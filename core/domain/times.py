"""How times are written."""

from datetime import UTC, datetime


def instant(at: datetime) -> str:
    """Write a time as RFC 3339 in UTC with exactly six digits, so that text sorts as time does."""
    return (
        at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    )  # strftime writes year 987 as it is
