"""The stateful test itself under test: broken domain and consumer code must be found by it, in memory and with its fixed seed."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.mutants.catalogue import MUTANTS

pytestmark = [pytest.mark.mutants, pytest.mark.stateful]

HERE = Path(__file__).parents[2]

EXAMPLES = 80
"""Within so many of the stateful test's."""

BREAKS_DOWN = ("AttributeError", "ImportError", "LookupError", "NameError", "SyntaxError", "TypeError")
"""How a mutant would end that does not run at all; nothing is shown by that."""


def stateful_run(mutant: str) -> dict[str, Any]:
    """Run it in a process of its own: which example showed the mutant, if any, and how."""
    command = [sys.executable, "-m", "tests.integration.mutants.stateful_run", mutant, str(EXAMPLES)]
    ended = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False, timeout=300)
    assert not ended.returncode, ended.stderr
    said: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return said


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


def test_there_are_enough_mutants_and_each_has_its_name() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 30
