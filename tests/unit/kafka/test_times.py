"""When a message was sent, whatever the clock of who sent it says."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from adapters.kafka.messages import time_of

YEAR_ONE_MILLION = 31_000_000_000_000_000


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        (1_767_225_600_500, datetime(2026, 1, 1, microsecond=500_000, tzinfo=UTC)),
        (-1, datetime(1970, 1, 1, tzinfo=UTC)),
        (YEAR_ONE_MILLION, datetime.max.replace(microsecond=999_000, tzinfo=UTC)),
    ],
)
def test_a_time_that_no_calendar_has_does_not_keep_a_worker_from_reading_on(timestamp: int, at: datetime) -> None:
    assert time_of(SimpleNamespace(timestamp=timestamp)) == at
