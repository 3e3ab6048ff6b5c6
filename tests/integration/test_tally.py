"""A run that must cover every adapter fails where one has no test that passed, however the tests were spread."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CONFTEST = """
from tests.conftest import pytest_addoption, pytest_configure
from tests.support import tally

tally.REQUIRED = {"SnapshotStore": ("memory", "moto")}
"""
SUITE = """
import pytest

@pytest.mark.parametrize("harness", ["memory", "moto"])
def test_a_promise(harness):
    if harness == "moto":
        MOTO
"""


def run_of(folder: Path, moto: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a contract suite of one promise, which does this on moto."""
    suite = folder / "contract" / "test_snapshot_store.py"
    suite.parent.mkdir()
    suite.write_text(SUITE.replace("MOTO", moto))
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments, str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("spread", [(), ("--numprocesses", "2")], ids=["one process", "two processes"])
def test_a_run_in_which_every_adapter_has_a_test_succeeds(tmp_path: Path, spread: tuple[str, ...]) -> None:
    ended = run_of(tmp_path, "pass", "--require-adapters", *spread)

    assert ended.returncode == 0, ended.stdout
    assert "SnapshotStore     memory 1  moto 1" in ended.stdout
    assert "NOT RUN" not in ended.stdout


@pytest.mark.parametrize(
    ("moto", "spread"),
    [("pytest.skip('away')", ()), ("pytest.xfail('cannot')", ()), ("pytest.skip('away')", ("--numprocesses", "2"))],
)
def test_a_run_in_which_an_adapter_has_none_that_passed_fails(
    tmp_path: Path, moto: str, spread: tuple[str, ...]
) -> None:
    ended = run_of(tmp_path, moto, "--require-adapters", *spread)

    assert ended.returncode == 1, ended.stdout
    assert "SnapshotStore     memory 1  moto 0" in ended.stdout
    assert "NOT RUN: no test of SnapshotStore passed on moto, which this run must have" in ended.stdout


def test_a_run_in_which_its_tests_were_left_out_fails(tmp_path: Path) -> None:
    assert run_of(tmp_path, "pass", "--require-adapters", "-k", "memory").returncode == 1


def test_a_run_that_need_not_cover_them_succeeds(tmp_path: Path) -> None:
    assert run_of(tmp_path, "pytest.skip('away')").returncode == 0
