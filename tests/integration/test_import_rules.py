"""Each import rule rejects what it is there for: all of them broken at once, in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]

BROKEN_BY = {
    "core-is-pure": ("core/domain/times.py", "import msgspec"),
    "core-does-nothing-by-itself": ("core/domain/errors.py", "import time"),
    "adapters-know-core": ("adapters/system/locks.py", "import config.settings"),
    "adapters-are-strangers": ("adapters/smtp/server.py", "import adapters.system.locks"),
    "entrypoints-never-import-adapters": ("entrypoints/cli/extras.py", "import adapters.inmemory"),
    "the-model-is-independent": ("tests/unit/shop_model/words.py", "import core.domain.times"),
    "the-oracle-is-independent": ("entrypoints/comparison/folding.py", "import core.domain.order"),
    "shipped-code-needs-no-test-tool": ("config/values.py", "import pytest"),
}
"""By the id of the contract: a file, and an import that must not stand in it."""


def judged(folder: Path, contract: str = "") -> "subprocess.CompletedProcess[str]":
    """Run the import rules on the project in this folder."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    command += ["--contract", contract] if contract else []
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{folder / '.ci'}", "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give a copy of everything that the rules look at."""
    folders = ("core", "adapters", "entrypoints", "config", "tests", "benchmarks", ".ci")
    for folder in folders:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_rule_rejects_its_violation(copy: Path) -> None:
    for path, line in BROKEN_BY.values():
        with (copy / path).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")

    ended = judged(copy)

    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert set(BROKEN_BY) == {contract["id"] for contract in CONTRACTS}
    for contract in CONTRACTS:
        assert re.search(rf"^{re.escape(contract['name'])} BROKEN", ended.stdout, re.MULTILINE), ended.stdout
    assert re.search(r"core\.domain\.times imports msgspec \(line \d+\)", ended.stdout)


def test_core_may_log(copy: Path) -> None:
    assert any("import logging" in path.read_text(encoding="utf-8") for path in (copy / "core").rglob("*.py"))
    for contract in ("core-is-pure", "core-does-nothing-by-itself"):
        ended = judged(copy, contract)
        assert ended.returncode == 0, ended.stdout + ended.stderr
