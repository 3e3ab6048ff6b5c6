"""Everything below runs in memory alone; the marker says so unless a test says otherwise itself."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
APART = {"races", "mutants", "stateful"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder `memory`."""
    for item in items:
        if HERE in item.path.parents and not APART & {mark.name for mark in item.iter_markers()}:
            item.add_marker(pytest.mark.memory)
