"""Many schedules on many cells: run, judged and added up, on as many processes as asked for."""

import signal
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from random import Random
from typing import Any

from entrypoints.comparison.cost import requests_of_commands, usd_per_million_commands
from entrypoints.comparison.expectations import EXPECTED
from entrypoints.comparison.faults import CONSUMERS, DESIGNS, RATES, applicable
from entrypoints.comparison.figures import figures
from entrypoints.comparison.oracle import judge, over_time
from entrypoints.comparison.simulated.run import Plan, Run
from entrypoints.comparison.workload import generate

Cell = tuple[str, str]

Result = tuple[Cell, dict[str, Any]]
"""A cell, and the verdict on one schedule of it."""

ALL_CELLS: tuple[Cell, ...] = tuple((design, consumer) for design in DESIGNS for consumer in CONSUMERS)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be compared: `schedules` schedules from `seed` on, with `orders` orders each, on these cells."""

    seed: int = 1
    schedules: int = 20
    orders: int = 10
    cells: tuple[Cell, ...] = ALL_CELLS
    variants: tuple[str, ...] = ()
    rates: Mapping[str, float] = field(default_factory=lambda: dict(RATES))


def plan(wish: Wish, cell: Cell, seed: int) -> Plan:
    """Give the plan of one schedule."""
    design, consumer = cell
    rates = {name: wish.rates.get(name, 0.0) for name in applicable(design, consumer)}
    steps = generate(wish.orders, Random(f"{seed} workload"))  # noqa: S311 - a run is to be repeated
    return Plan(design, consumer, seed, steps, rates, variants=wish.variants)


def verdict(plan: Plan) -> dict[str, Any]:
    """Run a plan and judge it."""
    run = Run(plan)
    evidence = run.finish()
    return judge(evidence) | {
        "seed": plan.seed,
        "fired": Counter(name for name, _nth in run.faults.fired),
        "over_time": over_time(evidence),
        "requests": requests_of_commands(evidence),
        "usd_per_million_commands": usd_per_million_commands(evidence, plan.design),
    }


def verdicts(wish: Wish, jobs: int = 1) -> Generator[Result, None, None]:
    """Give each verdict as it is there, cell after cell for each seed; the order is the same however many processes work."""
    todo = [(cell, plan(wish, cell, wish.seed + place)) for place in range(wish.schedules) for cell in wish.cells]
    if jobs == 1:
        for cell, each in todo:
            yield cell, verdict(each)
        return
    with ProcessPoolExecutor(jobs, initializer=_heed_no_signal) as pool:
        done = pool.map(verdict, [each for _cell, each in todo], chunksize=8)
        try:
            yield from zip([cell for cell, _each in todo], done, strict=True)
        finally:
            pool.shutdown(cancel_futures=True)


def _heed_no_signal() -> None:
    """Leave Ctrl-C to the process that keeps what is done."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def compare(
    wish: Wish,
    jobs: int = 1,
    tell: Callable[[int], object] = lambda _: None,
    results: Generator[Result, None, None] | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Run everything, or take its `results`, and give the report's figures; `tell` is told of each schedule.

    Where it is `stopping`, what is done is kept.
    """
    found: dict[Cell, list[dict[str, Any]]] = {cell: [] for cell in wish.cells}
    interrupted = False
    with closing(results or verdicts(wish, jobs)) as coming:
        for cell, each in coming:
            found[cell].append(each)
            tell(1)
            if stopping():
                interrupted = True
                break
    cells = [figures(*cell, each) for cell, each in found.items() if each]
    missing, never = unfired(cells, wish.rates), unseen(cells) if wish.rates == RATES and not wish.variants else []
    fired: Counter[str] = Counter()
    for each in cells:
        fired.update(each["faults"])
    return {
        "version": 1,
        "seed": wish.seed,
        "schedules": wish.schedules,
        "orders": wish.orders,
        "interrupted": interrupted,
        "faults": dict(sorted(fired.items())),
        "variants": list(wish.variants),
        "rates": dict(sorted(wish.rates.items())),
        "void": bool(missing or never) and wish.schedules > 1,
        "unfired": missing,
        "unseen": never,
        "broken": broken(cells),
        "cells": cells,
    }


def unfired(cells: Sequence[Mapping[str, Any]], rates: Mapping[str, float]) -> list[dict[str, Any]]:
    """List the cells in which a fault that applies and was wished for never fired."""
    missing = []
    for cell in cells:
        wanted = [name for name in applicable(cell["design"], cell["consumer"]) if rates.get(name, 0.0) > 0]
        if never := [name for name in wanted if not cell["faults"].get(name)]:
            missing.append({"design": cell["design"], "consumer": cell["consumer"], "faults": never})
    return missing


def broken(cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """List the zeros that did not hold."""
    return [
        {"design": cell["design"], "consumer": cell["consumer"], "figure": name, "value": cell[name]}
        for cell in cells
        for name in EXPECTED[cell["design"], cell["consumer"]].zero
        if cell[name]
    ]


def unseen(cells: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """List what a run should have shown somewhere and did not: as many zeros would come of a run that looks at nothing."""
    return [
        {"design": cell["design"], "consumer": cell["consumer"], "figure": name}
        for cell in cells
        for name in EXPECTED[cell["design"], cell["consumer"]].seen
        if not cell[name]
    ]
