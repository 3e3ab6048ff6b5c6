"""The line of a request: one JSON object, its time written as all times are."""

import asyncio
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from core.domain.times import instant
from entrypoints.http import access_log
from entrypoints.http.access_log import AccessLog


@pytest.mark.parametrize("microsecond", [0, 1, 678_901, 500_000])
def test_the_time_of_a_line_has_six_digits_of_a_second(microsecond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, microsecond, tzinfo=UTC)

    monkeypatch.setattr(access_log, "datetime", SimpleNamespace(now=lambda _zone: at))
    written: list[bytes] = []

    async def two_requests() -> None:
        log = AccessLog(written.append)
        log.tell("r-1", "GET", "/products", 200, 0.00123)
        log.tell("r-2", "GET", "/抹茶" * 300, 404, 0.1)
        await asyncio.sleep(0)

    asyncio.run(two_requests())

    (lines,) = written
    first, second = [json.loads(line) for line in lines.splitlines()]
    assert first == {
        "event": "request",
        "level": "info",
        "timestamp": instant(at),
        "request_id": "r-1",
        "method": "GET",
        "path": "/products",
        "status": 200,
        "ms": 1.23,
    }
    assert (second["status"], len(second["path"])) == (404, access_log.LONGEST_TEXT)
