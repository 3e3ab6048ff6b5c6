"""Every other cell does what the table says of it."""

from collections.abc import Callable

import pytest

from entrypoints.comparison.expectations import EXPECTED
from entrypoints.comparison.faults import CONSUMERS, DESIGNS, VARIANTS
from tests.integration.comparison.cells import assert_it_shows_what_the_table_says, many

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]

HELD = "doorbell+reconcile"


@pytest.mark.parametrize("design", ["dual-write", "publish-first"])
def test_reconcile_heals_what_the_application_did_not_publish(design: str, how_many: Callable[[int, int], int]) -> None:
    cell = assert_it_shows_what_the_table_says(design, HELD, how_many(300, 10_000))

    assert cell["torn_stored"] > 0  # that cannot be healed: it is stored so


@pytest.mark.parametrize(("design", "consumer"), [(d, c) for d in DESIGNS for c in CONSUMERS if c != HELD])
def test_a_cell_shows_what_the_table_says(design: str, consumer: str, how_many: Callable[[int, int], int]) -> None:
    assert_it_shows_what_the_table_says(design, consumer, how_many(50, 500))


def test_better_forms_of_dual_write_lose_less_and_still_lose() -> None:
    (plain,), (better,) = (many("dual-write", "doorbell", 50, variants=each)["cells"] for each in ((), VARIANTS))

    assert better["inversions"] < plain["inversions"] / 2
    assert better["failed_though_stored"] < plain["failed_though_stored"]
    assert 0 < better["unexplained"] < plain["unexplained"]
    assert 0 < better["lost"] < plain["lost"]
    assert better["promises_undelivered"] == 0


def test_the_table_has_every_cell() -> None:
    assert set(EXPECTED) == {(design, consumer) for design in DESIGNS for consumer in CONSUMERS}
