"""README and lessons say the same in two languages, as far as a machine can tell: headings, commands, settings, links."""

import re
from pathlib import Path

import pytest

from tests.support.lessons import LESSONS, ROOT, blocks, commands, headings

ENGLISH = [ROOT / "README.md", *sorted(path for path in LESSONS.glob("*.md") if not path.name.endswith(".ja.md"))]


@pytest.fixture(params=ENGLISH, ids=lambda path: path.name)
def pair(request: pytest.FixtureRequest) -> tuple[Path, Path]:
    """Give a document and its other half."""
    return request.param, request.param.with_suffix(".ja.md")


def test_there_are_three_lessons_and_a_readme() -> None:
    assert len(ENGLISH) == 4
    assert len(list(LESSONS.glob("*.md"))) == 6


def test_both_have_the_same_headings(pair: tuple[Path, Path]) -> None:
    english, japanese = pair

    assert headings(english) == headings(japanese) != []


def test_both_have_the_same_commands_and_outputs(pair: tuple[Path, Path]) -> None:
    english, japanese = pair

    assert [commands(block) for block in blocks(english)] == [commands(block) for block in blocks(japanese)] != []


def test_both_have_the_same_tables(pair: tuple[Path, Path]) -> None:
    def named(document: Path) -> list[list[str]]:
        rows = re.findall(r"^\|([^|]*)\|", document.read_text(encoding="utf-8"), re.MULTILINE)
        return [re.findall(r"`[^`]+`", first) for first in rows]

    english, japanese = pair

    assert named(english) == named(japanese)


def test_each_links_to_the_other(pair: tuple[Path, Path]) -> None:
    english, japanese = pair

    assert f"({japanese.name})" in english.read_text(encoding="utf-8")
    assert f"({english.name})" in japanese.read_text(encoding="utf-8")


def test_every_link_to_a_file_leads_to_one(pair: tuple[Path, Path]) -> None:
    for document in pair:
        linked = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
        assert linked
        assert [link for link in linked if not (document.parent / link).exists()] == []
