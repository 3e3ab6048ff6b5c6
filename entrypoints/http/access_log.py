"""One line of the log for each request."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from core.domain.times import instant

LONGEST_TEXT = 500
"""Characters of a path or a method that are logged; a client chooses how long they are."""


class _Line(msgspec.Struct, tag_field="event", tag="request"):
    level: str
    timestamp: datetime | str
    request_id: str
    method: str
    path: str
    status: int
    ms: float


class AccessLog:
    """JSON lines like those of `entrypoints.http.logs`, without its chain of processors, which costs as much as a row.

    The lines of one turn of the event loop leave in one write: each write gives Python's lock away, and under load that is a tenth of a
    request's time.
    """

    def __init__(self, write: Callable[[bytes], object]) -> None:
        """Write lines there."""
        self._write = write
        self._lines: list[bytes] = []
        self._encode = msgspec.json.Encoder().encode

    def tell(self, request_id: str, method: str, path: str, status: int, seconds: float) -> None:
        """Log an answered request; called on the event loop."""
        at, milliseconds = datetime.now(UTC), round(seconds * 1000, 2)
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._flush)
        # msgspec writes a time in a tenth of Python's, but leaves a zero fraction out.
        timestamp = at if at.microsecond else instant(at)
        line = _Line("info", timestamp, request_id, method[:LONGEST_TEXT], path[:LONGEST_TEXT], status, milliseconds)
        self._lines.append(self._encode(line))

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        self._write(b"\n".join(lines) + b"\n")
