"""Shops for the tests of this folder."""

import pytest

from tests.unit.application.shop import Shop


@pytest.fixture
def shop() -> Shop:
    """Give a shop without kept states: every decision is made on a consistent read."""
    return Shop()


@pytest.fixture
def warm_shop() -> Shop:
    """Give a shop that keeps states, with 10 units of tea at 500 yen."""
    warm = Shop(kept=1_000)
    warm.stock("tea")
    return warm
