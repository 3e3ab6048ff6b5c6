"""The stateful test itself under test: broken domain and consumer code must be found by it, in memory and with its fixed seed."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.mutants.catalogue import MUTANTS
from tests.integration.mutants.suites import SUITES

pytestmark = [pytest.mark.mutants, pytest.mark.stateful]

HERE = Path(__file__).parents[2]

EXAMPLES = 80
"""Within so many of the stateful test's."""

BREAKS_DOWN = ("AttributeError", "ImportError", "LookupError", "NameError", "SyntaxError", "TypeError")
"""How a mutant would end that does not run at all; nothing is shown by that."""


def stateful_run(mutant: str) -> dict[str, Any]:
    """Run it in a process of its own: which example showed the mutant, if any, and how."""
    said: dict[str, Any] = json.loads(run_module("stateful_run", mutant, str(EXAMPLES)))
    return said


def run_module(name: str, *arguments: str) -> str:
    """Run a module of the mutants' folder; give the last line that it prints."""
    command = [sys.executable, "-m", f"tests.integration.mutants.{name}", *arguments]
    ended = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False, timeout=300)
    assert not ended.returncode, ended.stderr
    return ended.stdout.splitlines()[-1]


def test_the_code_as_it_is_is_no_mutant() -> None:
    ran = stateful_run("")

    assert not ran["error"]
    assert ran["examples"] >= EXAMPLES


@pytest.mark.parametrize("mutant", [mutant.name for mutant in MUTANTS])
def test_a_mutant_is_found(mutant: str, record_property: Callable[[str, object], None]) -> None:
    found = stateful_run(mutant)

    assert found["used"]
    assert found["error"]
    assert not found["error"].startswith(BREAKS_DOWN)
    record_property("mutant_found", mutant)


@pytest.mark.parametrize(
    ("suite", "mutant"), [(suite, mutant.name) for suite, mutants in SUITES.items() for mutant in mutants]
)
def test_a_mutant_that_no_row_shows_is_rejected_by_the_suite_of_its_rule(suite: str, mutant: str) -> None:
    found = json.loads(run_module("suite_run", mutant, suite))

    assert found == {"failed": True, "used": True}


@pytest.mark.parametrize("suite", SUITES)
def test_without_a_mutant_the_suite_passes(suite: str) -> None:
    assert json.loads(run_module("suite_run", "", suite)) == {"failed": False, "used": False}


def test_there_are_enough_mutants_and_each_has_its_name() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 30
