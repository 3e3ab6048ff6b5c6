"""What a cold start of the projector loads, in a process of its own, and the settings that it reads without their module."""

import json
import subprocess
import sys

from config.lambdas import DEFAULTS
from config.settings import Settings

HEAVY = (
    "boto3",
    "botocore",
    "dependency_injector",
    "kafka",
    "litestar",
    "pydantic",
    "sqlalchemy",
    "alembic",
    "jinja2",
    "structlog",
    "core.ports.commit",  # it reads events, and writes none
)

LOADED = """
import json, sys
{statements}
print(json.dumps([name for name in {packages} if name in sys.modules]))
"""


def loaded(statements: str, *packages: str, **variables: str) -> list[str]:
    """Give which of these packages, or of the heavy ones, a new process has loaded after these statements."""
    script = LOADED.format(statements=statements, packages=packages or HEAVY)
    done = subprocess.run([sys.executable, "-c", script], env=variables, capture_output=True, text=True, check=True)
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return names


def test_the_projector_loads_nothing_heavy_at_its_start() -> None:
    wired = "from entrypoints.lambdas import projector; projector._batches()"

    assert loaded(wired, DATABASE_URL="postgresql://127.0.0.1:1/nowhere") == []


def test_the_projector_loads_psycopg_at_its_import() -> None:
    # Else the benchmark `projector-import` would compare it with what it does not import.
    assert loaded("import entrypoints.lambdas.projector", "psycopg", "psycopg_binary") == ["psycopg", "psycopg_binary"]


def test_the_projector_loads_boto3_at_the_first_gap() -> None:
    gap = "from entrypoints.lambdas import projector; projector._batches()._parts.consumer._transactions._store.read"

    assert "boto3" in loaded(gap, DATABASE_URL="postgresql://127.0.0.1:1/nowhere")


def test_its_defaults_are_those_of_every_other_part() -> None:
    fields = Settings.model_fields

    assert {name: fields[name.lower()].default for name in DEFAULTS} == DEFAULTS


def test_without_a_database_it_says_which_variable_is_missing() -> None:
    script = "from entrypoints.lambdas.projector import handler; handler({'Records': []}, None)"
    done = subprocess.run([sys.executable, "-c", script], env={}, capture_output=True, text=True, check=False)

    assert "DATABASE_URL must name the PostgreSQL" in done.stderr
