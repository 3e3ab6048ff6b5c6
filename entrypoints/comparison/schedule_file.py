"""A schedule in a file: what is asked for and which faults strike when, so that it can be looked at, changed and run again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from entrypoints.comparison.explain import ATTEMPTS
from entrypoints.comparison.faults import APPLIES, BY_THE_APPLICATION, CONSUMERS, DESIGNS, VARIANTS
from entrypoints.comparison.simulated.run import Plan
from entrypoints.comparison.workload import THINGS, Step

VERSION = 1

MOST, MOST_CLIENTS = 1_000_000_000, 100

MOST_SEED = (MOST + 1) * ATTEMPTS - 1
"""A search that starts from seed N finds a schedule whose own seed is one of the ATTEMPTS from N * ATTEMPTS on."""

T = TypeVar("T")


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
        "variants": list(plan.variants),
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
    except (OSError, ValueError, RecursionError) as error:
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
    faults = {
        _one_of("fault", name, tuple(APPLIES)): [_number("occasion", nth) for nth in _all(list, occasions)]
        for name, occasions in _all(dict, content["faults"]).items()
    }
    for name in faults:
        if not APPLIES[name](design, consumer):
            raise ValueError(f"{name!r} cannot happen under {design} with {consumer}")
    variants = tuple(_one_of("variant", name, VARIANTS) for name in _all(list, content.get("variants", [])))
    if variants and not BY_THE_APPLICATION(design, consumer):
        raise ValueError(f"{design} has no variants")
    return Plan(
        design,
        consumer,
        _number("seed", content["seed"], MOST_SEED, least=0),
        [_step(step) for step in _all(list, content["steps"])],
        {},
        faults,
        _number("number of clients", content["clients"], MOST_CLIENTS),
        variants,
    )


def _step(content: object) -> Step:
    given = _all(dict, content)
    do, on = _one_of("step", given["do"], tuple(THINGS)), _all(dict, given["on"])
    if set(on) != set(THINGS[do]):
        raise ValueError(f"{do} is about {', '.join(THINGS[do])}, not {', '.join(on) or 'nothing'}")
    return Step(do, {name: _number(name, value) for name, value in on.items()}, given.get("repeat") is True)


def _number(what: str, value: object, most: int = MOST, least: int = 1) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{value!r} is no {what}: that is a whole number from {least} to {most:,}")
    return value


def _all(kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise ValueError(f"{value!r} is no {'object' if kind is dict else 'list'}")  # noqa: TRY004 - refused as the others
    return value


def _one_of(what: str, value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{value!r} is no {what}; there are {', '.join(known)}")
    return str(value)
