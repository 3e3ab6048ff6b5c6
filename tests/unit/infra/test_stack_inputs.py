"""Inputs: each is described, the examples are complete, and hold no secret."""

import pytest

from config.settings import SECRETS
from tests.support.terraform_source import EXAMPLES, FOLDER, blocks, read, sources

VARIABLES = blocks("variable", sources())
SECRET = {name.lower() for name in SECRETS}


def example(name: str) -> dict[str, object]:
    """Read an example."""
    return read((FOLDER / "examples" / f"{name}.tfvars").read_text(encoding="utf-8"))


def test_every_variable_and_output_says_what_it_is() -> None:
    assert len(VARIABLES) > 20
    for name, variable in VARIABLES.items():
        assert variable["description"].endswith("."), name
        assert "type" in variable, name
    assert all(output["description"].endswith(".") for output in blocks("output", sources()).values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_gives_all_that_has_no_default_and_no_secret(name: str) -> None:
    given = example(name)

    assert given.keys() <= VARIABLES.keys()
    assert {variable for variable, body in VARIABLES.items() if "default" not in body} - given.keys() == {
        "database_url",
        "secret_key",
    }
    assert given.keys() & SECRET == set()
    assert given["environment"] == name


def test_production_is_protected_and_archived() -> None:
    given = example("production")

    assert (given["deletion_protection"], given["archive"]) == (True, True)


def test_two_examples_fit_into_one_account() -> None:
    one, other = (example(name) for name in EXAMPLES)

    assert one["name"] != other["name"]
    assert one["stream_name"] != other.get("stream_name", VARIABLES["stream_name"]["default"])
