"""The repository itself: its folders are those of the design, and its lock names what it installs and nothing of where from."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]

FOLDERS = {"core", "adapters", "entrypoints", "config", "tests", "benchmarks", "docs"}
LATER = {"infra"}
"""What the design has too, once there is something in it."""


def ignored() -> set[str]:
    """Name the folders that git does not look at."""
    return {line.strip("/\n") for line in (ROOT / ".gitignore").read_text().splitlines() if line.endswith("/")}


def test_the_top_level_folders_are_those_of_the_design() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}

    assert folders >= FOLDERS
    assert folders - FOLDERS - ignored() <= LATER


def test_every_package_of_the_lock_is_pinned_by_version_and_hash_and_no_address_is_in_it() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    requirements = lock.replace("\\\n", " ").splitlines()

    assert len(requirements) > 100
    for requirement in requirements:
        assert re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==\S+( *;[^@]*?)?( +--hash=sha256:[0-9a-f]{64})+", requirement), (
            requirement
        )
    assert "//" not in lock
    assert " @ " not in lock
