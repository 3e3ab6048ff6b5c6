"""The suites themselves under test: every broken store of the catalogue must be rejected by them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.contract.mutants.catalogue import MUTANTS

pytestmark = pytest.mark.mutants

FOLDER = Path(__file__).parent
SUITES = [
    FOLDER / name
    for name in (
        "test_mail_queue.py",
        "test_outbox.py",
        "test_event_store.py",
        "test_event_store_changes.py",
        "test_event_store_conditions.py",
        "test_event_store_claims.py",
        "test_event_store_limits.py",
        "test_event_store_repeats.py",
        "test_event_store_answers.py",
        "test_event_store_lost_races.py",
        "test_snapshot_store.py",
        "test_event_store_races.py",
    )
]
UNUSED_PLUGINS = ["cacheprovider", "hypothesispytest", "schemathesis", "anyio", "faker"]


class Failures:
    """A pytest plugin that keeps what failed, and how."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self.passed = 0
        self.tests: list[str] = []
        self.errors: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Sort a test's report: a failing test rejects a mutant, a failing fixture proves nothing."""
        if report.failed:
            (self.tests if report.when == "call" else self.errors).append(f"{report.nodeid}: {report.longreprtext}")
        elif report.when == "call":
            self.passed += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be loaded proves nothing either."""
        if report.failed:
            self.errors.append(report.longreprtext)


def run_suites(
    mutant: str, monkeypatch: pytest.MonkeyPatch, suites: Sequence[Path] = SUITES, adapter: str = "memory"
) -> Failures:
    """Run suites on an adapter, in this process, until the first failure."""
    monkeypatch.setenv("MUTANT", mutant)
    failures = Failures()
    without = [argument for name in UNUSED_PLUGINS for argument in ("-p", f"no:{name}")]
    # By name: the races in memory have no mark of their own, so that a quick run leaves them out.
    which = ["-k", adapter] if adapter == "memory" else ["-m", adapter]
    pytest.main(["-x", "--rootdir", str(FOLDER.parents[1]), *without, *which, *map(str, suites)], plugins=[failures])
    return failures


def test_the_store_as_it_is_passes_its_suites(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = run_suites("", monkeypatch)

    assert not failures.tests + failures.errors
    assert failures.passed > 70


@pytest.mark.parametrize("mutant", [mutant.name for mutant in MUTANTS])
def test_a_mutant_is_rejected(
    mutant: str, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    failures = run_suites(mutant, monkeypatch)

    assert not failures.errors
    assert len(failures.tests) == 1
    record_property("mutant_rejected", mutant)


def test_there_are_enough_mutants_and_each_has_its_name() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 25
