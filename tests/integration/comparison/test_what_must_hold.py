"""`cdc` and `outbox` with `doorbell+reconcile`: every zero of the table, in every schedule."""

from collections.abc import Callable

import pytest

from tests.integration.comparison.cells import assert_it_shows_what_the_table_says

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]


@pytest.mark.parametrize("design", ["cdc", "outbox"])
def test_nothing_is_lost_repeated_or_torn_in_any_schedule(design: str, how_many: Callable[[int, int], int]) -> None:
    cell = assert_it_shows_what_the_table_says(design, "doorbell+reconcile", how_many(1000, 10_000))

    assert cell["undelivered"] > 0  # the feed did lose events, and not one of them is missing
    assert cell["duplicates"] > 0
