"""What docs/aws.md tells people to run is there to be run."""

import re
from pathlib import Path

import click
import pytest

from config.settings import Settings
from entrypoints.cli.main import main
from tests.support.terraform_source import blocks, sources

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "aws.md").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
OURS = sorted(set(re.findall(r"ecshop (?:[a-z-]+)(?: [a-z]+\b| --?[a-z-]+| STREAM| 1h)*", TEXT)))


def here(name: str) -> bool:
    """Tell whether a command line names a command, and options that it has."""
    command: click.Command = main
    for word in name.split()[1:]:
        if isinstance(command, click.Group):
            if word not in command.commands:
                return False
            command = command.commands[word]
        elif word.startswith("-") and not any(word in option.opts for option in command.params):
            return False
    return True


@pytest.mark.parametrize("name", OURS)
def test_a_command_of_the_run_book_is_there(name: str) -> None:
    assert here(name)


def test_the_run_book_names_commands() -> None:
    assert len(OURS) > 8
    assert "ecshop reconcile --recent 1h --repair" in OURS
    assert "ecshop dead-letters show STREAM" in OURS


@pytest.mark.parametrize("name", sorted(set(re.findall(r"make [a-z]+(?:-[a-z]+)?", TEXT))))
def test_a_target_of_the_document_is_there(name: str) -> None:
    assert name.removeprefix("make ") in TARGETS


def test_what_the_document_calls_variables_and_settings_are_some() -> None:
    variables = set(blocks("variable", sources()))
    named = set(re.findall(r"`(?:TF_VAR_)?([a-z]+(?:_[a-z]+)+)(?:=[^`]*)?`", TEXT))
    outputs = set(blocks("output", sources()))

    assert len(named) > 6
    assert named <= variables | outputs
    assert "COMMIT_BUDGET" in {name.upper() for name in Settings.model_fields}
