"""Containers: the compose file asks for stages, roles and settings that there are, and listens to this machine alone."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from entrypoints.cli.main import main

ROOT = Path(__file__).parents[3]
yaml: Any = import_module("yaml")  # it brings no types
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SETTINGS = {name.upper() for name in Settings.model_fields}
OURS = sorted(name for name, service in SERVICES.items() if service.get("build", {}).get("target") in {"api", "worker"})


def test_every_stage_that_is_built_is_in_the_dockerfile() -> None:
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE))

    assert {service["build"]["target"] for service in SERVICES.values() if "build" in service} <= stages
    assert {"api", "worker", "emulator"} <= stages


@pytest.mark.parametrize("name", OURS)
def test_a_part_of_the_shop_is_given_settings_alone(name: str) -> None:
    given = set(SERVICES[name]["environment"])

    assert {"STORE", "DATABASE_URL", "DYNAMODB_TABLE_NAME"} <= given
    assert given <= SETTINGS | {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def test_the_workers_are_roles_that_there_are() -> None:
    roles = [SERVICES[name]["command"] for name in OURS if name not in {"api", "prepare"}]

    assert roles == [["notify"], ["project"], ["reconcile"]]  # all that WORKERS=none leaves undone
    assert {role for (role,) in roles} <= set(main.commands["worker"].params[0].type.choices)  # type: ignore[attr-defined] # click's Choice


def test_nothing_is_reached_from_another_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_nothing_runs_as_root_in_the_images() -> None:
    last_stages = DOCKERFILE.split("\nFROM ")[3:]

    assert [stage.split()[2] for stage in last_stages] == ["emulator", "shop", "worker", "api"]
    assert ["USER 10001" in stage for stage in last_stages] == [True, True, False, False]
    assert all(stage.startswith("shop AS ") for stage in last_stages[2:])


def test_what_is_sent_to_the_builder_is_what_the_stages_copy() -> None:
    copied = set(re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE))
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    assert {name for names in copied for name in names.split()} == {line[1:] for line in ignore if line[:1] == "!"}
