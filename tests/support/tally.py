"""What a run of all tests says at its end: how many ran per adapter of each port, how many mutants were rejected, and figures."""

import os
from collections import Counter
from collections.abc import Generator

import pytest

from tests.contract.mutants.catalogue import MUTANTS
from tests.contract.mutants.kafka import KAFKA as KAFKA_MUTANTS
from tests.contract.mutants.kinesis import KINESIS as KINESIS_MUTANTS
from tests.contract.mutants.postgres import POSTGRES as POSTGRES_MUTANTS
from tests.integration.mutants.catalogue import MUTANTS as STATEFUL_MUTANTS
from tests.support.system_postgres import system_postgres_folder

POSTGRES = ("postgres", "postgres-system")
REQUIRED = {
    "EventStore": ("memory", "moto", "ministack", *POSTGRES),
    "SnapshotStore": ("memory", "moto", "ministack", *POSTGRES),
    "Outbox": ("memory", "moto", "ministack", *POSTGRES),
    "EventFeed": ("memory", *POSTGRES, "kinesis", "broker", "kafka"),
    "EventPublisher": ("broker", "kinesis", "kafka"),
    "Delivery": (
        "cdc-memory",
        "cdc-postgres",
        "cdc-dynamodb-kinesis",
        "dual-write-memory",
        "dual-write-postgres-kafka",
        "dual-write-dynamodb-kafka",
        "outbox-memory",
        "outbox-postgres-kafka",
        "outbox-dynamodb-kinesis",
    ),
    "ProjectionStore": ("memory", *POSTGRES),
    "Queries": ("memory", *POSTGRES),
    "MailQueue": ("memory", *POSTGRES),
    "Mailer": ("catcher", "smtp"),
}
"""The adapters of each port, and the designs on their stores and transports, that CI must have run."""

ADAPTERS = [adapter for adapters in REQUIRED.values() for adapter in adapters]

EXCUSED = "postgres-system"
"""May be missing where there is none: on a machine that is no CI and has no PostgreSQL."""

SUITES = {
    "test_event_store": "EventStore",
    "test_snapshot_store": "SnapshotStore",
    "test_outbox": "Outbox",
    "test_event_feed": "EventFeed",
    "test_event_publisher": "EventPublisher",
    "test_delivery": "Delivery",
    "test_generations": "ProjectionStore",
    "test_projection_store": "ProjectionStore",
    "test_queries": "Queries",
    "test_mail_queue": "MailQueue",
    "test_mailer": "Mailer",
}
"""The port that a contract suite belongs to, by the beginning of its file's name."""


BY_SUITE = (*POSTGRES_MUTANTS.values(), *KINESIS_MUTANTS.values(), *KAFKA_MUTANTS.values())

REJECTED, FOUND, TOLD = "mutant_rejected", "mutant_found", "told"
"""Properties that a test records: the name of a mutant that a suite rejects or the stateful test finds, and a line to print."""

RAN = "ran"
"""The property that this plugin gives a report itself: the port and the adapter, with a space between."""


class Tally:
    """A pytest plugin. What is counted travels with the reports, as tests may run in several processes."""

    def __init__(self, config: pytest.Config) -> None:
        """Count nothing yet."""
        self._required = bool(config.getoption("--require-adapters")) and not hasattr(config, "workerinput")
        self._ran: Counter[str] = Counter()
        self._rejected = 0
        self._found = 0
        self._told: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note on the report of a contract test which adapter of which port it ran on."""
        report = yield
        port = next((port for suite, port in SUITES.items() if item.path.stem.startswith(suite)), None)
        callspec = getattr(item, "callspec", None)
        if port and callspec and item.path.parent.name == "contract":
            adapter = next((value for value in callspec.params.values() if value in ADAPTERS), None)
            report.user_properties += [(RAN, f"{port} {adapter}")] if adapter else []
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test that passed."""
        if report.when != "call" or not report.passed or hasattr(report, "wasxfail"):
            return
        for name, value in report.user_properties:
            if name == RAN:
                self._ran[str(value)] += 1
            elif name == REJECTED:
                self._rejected += 1
            elif name == FOUND:
                self._found += 1
            elif name == TOLD:
                self._told.append(str(value))

    def _missing(self) -> list[tuple[str, str]]:
        return [
            (port, adapter)
            for port, adapters in REQUIRED.items()
            for adapter in adapters
            if not self._ran[f"{port} {adapter}"] and (adapter != EXCUSED or _must_have_a_system_postgres())
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that had to cover an adapter and did not."""
        if self._required and self._missing() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print what the tests told, and the table."""
        if self._told:
            terminalreporter.section("told by the tests")
            for line in self._told:
                terminalreporter.line(line)
        if self._found:
            terminalreporter.section("the stateful test on broken code")
            terminalreporter.line(f"{'mutants':<18}{self._found} of {len(STATEFUL_MUTANTS)} found")
        if not self._ran and not self._required:
            return
        terminalreporter.section("contract tests passed, per adapter of each port")
        for port, adapters in REQUIRED.items():
            counts = "  ".join(f"{adapter} {self._ran[f'{port} {adapter}']}" for adapter in adapters)
            terminalreporter.line(f"{port:<18}{counts}")
        if self._rejected:
            terminalreporter.line(
                f"{'mutants':<18}{self._rejected} of {len(MUTANTS) + sum(map(len, BY_SUITE))} rejected"
            )
        for port, adapter in self._missing() if self._required else []:
            terminalreporter.line(f"NOT RUN: no test of {port} passed on {adapter}, which this run must have", red=True)


def _must_have_a_system_postgres() -> bool:
    given = os.environ.get("CI") or os.environ.get("DATABASE_URL_FOR_TESTS")
    return bool(given) or system_postgres_folder() is not None
