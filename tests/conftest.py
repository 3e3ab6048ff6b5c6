"""What a run of all tests says at its end: how many ran per adapter of each port, and how many mutants were rejected."""

import gc
from collections import Counter
from collections.abc import Generator, Iterator

import pytest

from tests.contract.mutants.catalogue import MUTANTS
from tests.support.ministack import ministack
from tests.support.moto_server import moto_server

REQUIRED = {
    "EventStore": ("memory", "moto", "ministack"),
    "SnapshotStore": ("memory", "moto", "ministack"),
    "EventFeed": ("memory",),
    "ProjectionStore": ("memory",),
    "Queries": ("memory",),
}
"""The adapters of each port that CI must have run."""

SUITES = {
    "test_event_store": "EventStore",
    "test_snapshot_store": "SnapshotStore",
    "test_event_feed": "EventFeed",
    "test_projection_store": "ProjectionStore",
    "test_queries": "Queries",
}
"""The port that a contract suite belongs to, by the beginning of its file's name."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a whole run insist on every adapter."""
    parser.addoption(
        "--require-adapters", action="store_true", help="fail if no test ran for an adapter that CI must have"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Keep the counts of this run."""
    config.stash[RAN] = Counter()
    config.stash[REJECTED] = []


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


RAN = pytest.StashKey[Counter[tuple[str, str]]]()
REJECTED = pytest.StashKey[list[str]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count each contract test that ran and passed, by port and adapter."""
    report = yield
    if report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
        port = next((port for suite, port in SUITES.items() if item.path.stem.startswith(suite)), None)
        callspec = getattr(item, "callspec", None)
        adapter = (
            next((value for value in callspec.params.values() if value in ("memory", "moto", "ministack")), None)
            if callspec
            else None
        )
        if port and adapter and item.path.parent.name == "contract":
            item.config.stash[RAN][port, adapter] += 1
        item.config.stash[REJECTED] += [str(value) for name, value in item.user_properties if name == "mutant_rejected"]
    return report


def _missing(config: pytest.Config) -> list[tuple[str, str]]:
    return [
        (port, adapter)
        for port, adapters in REQUIRED.items()
        for adapter in adapters
        if not config.stash[RAN][port, adapter]
    ]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that had to cover an adapter and did not."""
    if (
        session.config.getoption("--require-adapters")
        and _missing(session.config)
        and session.exitstatus == pytest.ExitCode.OK
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    ran, rejected = config.stash[RAN], config.stash[REJECTED]
    if not ran and not config.getoption("--require-adapters"):
        return
    terminalreporter.section("contract tests passed, per adapter of each port")
    for port, adapters in REQUIRED.items():
        terminalreporter.line(f"{port:<18}" + "  ".join(f"{adapter} {ran[port, adapter]}" for adapter in adapters))
    if rejected:
        terminalreporter.line(f"{'mutants':<18}{len(rejected)} of {len(MUTANTS)} rejected")
    if config.getoption("--require-adapters"):
        for port, adapter in _missing(config):
            terminalreporter.line(f"NOT RUN: no test of {port} passed on {adapter}, which this run must have", red=True)
