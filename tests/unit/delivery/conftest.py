"""The scene of each test."""

import pytest

from tests.unit.delivery.scene import Scene


@pytest.fixture
def scene() -> Scene:
    """Give a new consumer on empty stores."""
    return Scene()
