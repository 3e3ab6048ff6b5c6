"""The options of `ecshop compare`: which go together, and the command that says them again."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from entrypoints.cli.refusal import Refused

SCHEDULES, ORDERS = 20, 10
"""Of a simulation that is not told otherwise."""

SIMULATED = ("variants", "schedules", "jobs")
"""Options that say nothing to a real run."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they were given."""

    seed: int
    schedules: int | None
    orders: int | None
    designs: str | None
    consumers: str | None
    variants: str | None
    faults: tuple[str, ...]
    transport: str
    store: str
    seconds: float
    schedule: Path | None
    jobs: int | None
    out: Path
    as_json: bool


def refuse_what_would_go_unheeded(asked: Asked) -> None:
    """Refuse options that what is asked for takes no heed of.

    Raises:
        Refused: there are some.
    """
    real = asked.transport != "memory"
    if asked.schedule:
        told = ("schedules", "orders", "designs", "consumers", "variants", "faults")
        given = ["--transport"] * real + [f"--{name}" for name in told if getattr(asked, name)]
        if given:
            raise Refused(
                f"A schedule in a file is simulated, and says itself what is run: leave out {', '.join(given)}"
            )
    for name in SIMULATED:
        if real and getattr(asked, name) is not None:
            raise Refused(f"--{name} goes with --transport memory: a real run is one schedule, made as it goes")


def command(asked: Asked) -> str:
    """Give the command that runs the same again."""
    given: dict[str, object] = {"schedule": asked.schedule}
    if asked.schedule is None:
        given = {"seed": asked.seed}
        if asked.transport == "memory":
            given |= {"schedules": asked.schedules or SCHEDULES, "orders": asked.orders or ORDERS}
        else:
            given = {"transport": asked.transport, "store": asked.store, "seconds": f"{asked.seconds:g}"} | given
            given |= {"orders": asked.orders}
        given |= {name: getattr(asked, name) for name in ("designs", "consumers", "variants")}
    words = [word for name, value in given.items() if value is not None for word in (f"--{name}", str(value))]
    faults = [] if asked.schedule else [word for each in asked.faults for word in ("--faults", each)]
    return shlex.join(["ecshop", "compare", *words, *faults])
