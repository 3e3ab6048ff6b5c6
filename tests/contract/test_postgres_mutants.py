"""The suites of the read side under test on PostgreSQL: each broken adapter must be rejected by the suite that it is listed under."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import RUNNING_POSTGRES
from tests.contract.mutants.postgres import POSTGRES
from tests.contract.test_mutants import run_suites

pytestmark = [pytest.mark.mutants, pytest.mark.postgres]

TESTS = Path(__file__).parents[1]

RUNS = 4
"""A mutant that only shows when two processes meet on the server may go unseen in one run; in so many it is."""


@pytest.fixture(autouse=True)
def _server(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the suites run on the server that runs already."""
    monkeypatch.setenv(RUNNING_POSTGRES, postgres_url)


@pytest.mark.parametrize(
    ("suite", "mutant"), [(suite, mutant.name) for suite, mutants in POSTGRES.items() for mutant in mutants]
)
def test_a_mutant_is_rejected(
    suite: str, mutant: str, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    rejected = False
    for _ in range(RUNS):
        failures = run_suites(mutant, monkeypatch, [TESTS / suite], "postgres")
        assert not failures.errors
        rejected = len(failures.tests) == 1
        if rejected:
            break

    assert rejected
    record_property("mutant_rejected", mutant)
