"""A schedule in a file: what is asked for and which faults strike when, so that it can be looked at, changed and run again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from entrypoints.comparison.faults import APPLIES, CONSUMERS, DESIGNS
from entrypoints.comparison.simulated.run import Plan
from entrypoints.comparison.workload import DOES, Step

VERSION = 1


class WrongSchedule(Exception):
    """The file cannot be used; the text is a sentence."""


def written(plan: Plan) -> str:
    """Give the JSON of a plan whose faults are named."""
    content = {
        "version": VERSION,
        "design": plan.design,
        "consumer": plan.consumer,
        "seed": plan.seed,
        "clients": plan.clients,
        "steps": [{"do": step.do, "on": dict(step.on), "repeat": step.repeat} for step in plan.steps],
        "faults": {name: list(nth) for name, nth in (plan.faults or {}).items()},
    }
    return json.dumps(content, indent=2) + "\n"


def read(path: Path) -> Plan:
    """Read a plan.

    Raises:
        WrongSchedule: it is no schedule, or one of another version.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongSchedule(f"{path} cannot be read as a schedule: {error}.") from None
    if not isinstance(content, dict) or content.get("version") != VERSION:
        found = content.get("version") if isinstance(content, dict) else None
        raise WrongSchedule(f"{path} is a schedule of version {found!r}; this code reads version {VERSION}.")
    try:
        return _plan(content)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise WrongSchedule(f"{path} is not a whole schedule: {reason}.") from None


def _plan(content: Mapping[str, Any]) -> Plan:
    design = _one_of("design", content["design"], DESIGNS)
    consumer = _one_of("consumer", content["consumer"], CONSUMERS)
    steps = [_step(step) for step in content["steps"]]
    faults = {
        _one_of("fault", name, tuple(APPLIES)): [_number("occasion", nth) for nth in occasions]
        for name, occasions in content["faults"].items()
    }
    clients = _number("number of clients", content["clients"])
    return Plan(design, consumer, int(content["seed"]), steps, {}, faults, clients)


def _step(content: Mapping[str, Any]) -> Step:
    do = _one_of("step", content["do"], DOES)
    return Step(
        do, {str(name): int(value) for name, value in content["on"].items()}, bool(content.get("repeat", False))
    )


def _number(what: str, value: object) -> int:
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"{value!r} is no {what}; they count from 1")
    return value


def _one_of(what: str, value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{value!r} is no {what}; there are {', '.join(known)}")
    return str(value)
