"""`docs/delivery.md` and the code name the same crash points."""

import re
from pathlib import Path

from core.ports.environment import FAILPOINTS

ROOT = Path(__file__).parents[2]


def crash_points_in_the_document() -> set[str]:
    section = (ROOT / "docs" / "delivery.md").read_text(encoding="utf-8").partition("## Crash points")[2]
    return set(re.findall(r"^\| `([a-z_.]+)` \|", section, re.MULTILINE))


def crash_points_in_the_code() -> set[str]:
    sources = [
        path.read_text(encoding="utf-8") for folder in ("core", "adapters") for path in (ROOT / folder).rglob("*.py")
    ]
    return {name for source in sources for name in re.findall(r'failpoint\("([a-z_.]+)"\)', source)}


def test_the_crash_points_of_the_document_are_those_of_the_code() -> None:
    assert crash_points_in_the_document() == crash_points_in_the_code() == FAILPOINTS
