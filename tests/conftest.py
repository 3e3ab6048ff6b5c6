"""What every test can ask for, and what a run of all tests says at its end."""

import gc
from collections.abc import Iterator

import pytest

from tests.support.ministack import ministack
from tests.support.moto_server import moto_server
from tests.support.tally import Tally


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a whole run insist on every adapter."""
    parser.addoption(
        "--require-adapters", action="store_true", help="fail if no test ran for an adapter that CI must have"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Count what this run runs."""
    config.pluginmanager.register(Tally(config))


def pytest_collection_finish() -> None:
    """Leave what imports made out of every later garbage collection: a full one takes a third of a second otherwise."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def ministack_endpoint() -> Iterator[str]:
    """Give the address of a MiniStack of this run."""
    with ministack() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """Give the address of a moto of this run."""
    with moto_server() as endpoint:
        yield endpoint
