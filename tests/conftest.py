"""What every test can ask for, and what a run of all tests says at its end."""

import gc
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.ministack import ministack
from tests.support.moto_server import moto_server
from tests.support.tally import Tally

if TYPE_CHECKING:
    from tests.support.kafka import KafkaServer

RUNNING_POSTGRES, RUNNING_MINISTACK, RUNNING_KAFKA = "RUNNING_POSTGRES", "RUNNING_MINISTACK", "RUNNING_KAFKA"
"""The variables that a test sets that runs others within: where the server is that it has itself."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a whole run insist on every adapter."""
    parser.addoption(
        "--require-adapters", action="store_true", help="fail if no test ran for an adapter that CI must have"
    )
    parser.addoption("--soak", action="store_true", help="as many kills, swaps and seconds as take many minutes")


def pytest_configure(config: pytest.Config) -> None:
    """Count what this run runs; let Ctrl-C end what it starts, also where a shell started the run in the background and ignores it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(Tally(config))


def pytest_collection_finish() -> None:
    """Leave what imports made out of every later garbage collection: a full one takes a third of a second otherwise."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def how_many(pytestconfig: pytest.Config) -> Callable[[int, int], int]:
    """Give what chooses between a number for every day and one for a run that takes its time."""
    return lambda usual, soaking: soaking if pytestconfig.getoption("--soak") else usual


@pytest.fixture(scope="session")
def ministack_endpoint() -> Iterator[str]:
    """Give the address of a MiniStack of this run."""
    if running := os.environ.get(RUNNING_MINISTACK):
        yield running
        return
    with ministack() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """Give the address of a moto of this run."""
    with moto_server() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator["KafkaServer"]:
    """Give an Apache Kafka of this run, to be killed and stopped."""
    from tests.support.kafka import KafkaServer, kafka_server  # noqa: PLC0415 - only who asks needs the extra

    if running := os.environ.get(RUNNING_KAFKA):
        yield KafkaServer.named(running)
        return
    with kafka_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give the URL of the embedded PostgreSQL, run for this process; `fresh_database` makes a migrated database on it."""
    if running := os.environ.get(RUNNING_POSTGRES):
        yield running
        return
    from entrypoints.stack.embedded_postgres import embedded_postgres  # noqa: PLC0415 - only who asks needs the extra
    from tests.support.postgres_databases import hasty, templated  # noqa: PLC0415 - as above

    with tempfile.TemporaryDirectory(prefix="embedded-") as folder, embedded_postgres(Path(folder)) as url:
        hasty(url)
        with templated(url):
            yield url


@pytest.fixture(scope="session")
def system_postgres_url() -> Iterator[str]:
    """Give the URL of DATABASE_URL_FOR_TESTS, or of a PostgreSQL that is installed on this machine, run for this process."""
    from tests.support.postgres_databases import templated  # noqa: PLC0415 - as above
    from tests.support.system_postgres import system_postgres, system_postgres_folder  # noqa: PLC0415 - as above

    given, programs = os.environ.get("DATABASE_URL_FOR_TESTS"), system_postgres_folder()
    if given:
        with templated(given):
            yield given
    elif programs:
        with system_postgres(programs) as url, templated(url):
            yield url
    else:
        pytest.skip("no PostgreSQL is installed on this machine, and DATABASE_URL_FOR_TESTS is not set")
