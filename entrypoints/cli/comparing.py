"""What `ecshop compare` does with its options."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import Any

import click

from entrypoints.cli.compare_options import ORDERS, SCHEDULES, Asked, command, refuse_what_would_go_unheeded
from entrypoints.cli.explaining import looked_for
from entrypoints.cli.naming import names
from entrypoints.cli.real_comparing import RealWish, really
from entrypoints.cli.refusal import Refused
from entrypoints.cli.signals import stopped_by_signals
from entrypoints.comparison.comparing import Cell, Wish, compare, verdict
from entrypoints.comparison.explain import LOSING
from entrypoints.comparison.faults import APPLIES, BY_THE_APPLICATION, CONSUMERS, DESIGNS, RATES, VARIANTS
from entrypoints.comparison.quiet import without_alarms
from entrypoints.comparison.report.csv import text as csv_text
from entrypoints.comparison.report.html import page
from entrypoints.comparison.report.text import text as table
from entrypoints.comparison.schedule_file import WrongSchedule, read

BROKEN, VOID, INTERRUPTED = 1, 3, 130
"""Exit statuses."""


def run_comparison(asked: Asked) -> None:
    """Compare, write the report, print the table, and end with the status of what was found.

    Raises:
        Refused: an option names what there is not.
    """
    refuse_what_would_go_unheeded(asked)
    _make(asked.out)
    with without_alarms():
        if asked.transport != "memory":
            result = really(asked.transport, asked.store, _wish(asked), asked.designs, asked.consumers)
        else:
            result = _of_file(asked.schedule) if asked.schedule else _simulated(asked)
        if not result["cells"]:
            raise Refused("It was stopped before the first schedule was done")
        if (
            asked.transport == "memory"
            and any((cell["design"], cell["consumer"]) == LOSING for cell in result["cells"])
            and not result["interrupted"]
        ):
            try:
                result["lost_order"] = lost_order(asked.seed)
            except KeyboardInterrupt:  # the figures are there, and are kept
                result["interrupted"] = True
    result["command"] = command(asked)
    _write(asked.out, result)
    if asked.as_json:
        click.echo(_json(result), nl=False)
    else:
        click.echo(table(result))
        if result.get("variants"):
            click.echo(f"Not the older design as it was, but better forms of it: {', '.join(result['variants'])}.")
        click.echo(f"Written: {asked.out / 'comparison.html'}, .csv, .json")
    if result["interrupted"]:
        sys.exit(INTERRUPTED)
    if result["broken"] or result.get("failed"):
        sys.exit(BROKEN)
    if result["void"]:
        sys.exit(VOID)


def _simulated(asked: Asked) -> dict[str, Any]:
    cells: tuple[Cell, ...] = tuple(
        (design, consumer)
        for design in names("design", asked.designs, DESIGNS)
        for consumer in names("consumer", asked.consumers, CONSUMERS)
    )
    variants = tuple(names("variant", asked.variants, VARIANTS)) if asked.variants else ()
    if variants and not any(BY_THE_APPLICATION(*cell) for cell in cells):
        raise Refused("Variants are forms of dual-write and publish-first: name one of them in --designs")
    schedules, orders = asked.schedules or SCHEDULES, asked.orders or ORDERS
    wish = Wish(asked.seed, schedules, orders, cells, variants, rates(asked.faults))
    jobs = asked.jobs or (os.cpu_count() or 1)
    length = wish.schedules * len(cells)
    with (
        stopped_by_signals() as stopped,
        click.progressbar(length=length, label="Schedules", file=sys.stderr, show_pos=True) as bar,
    ):
        return compare(wish, 1 if length < 2 * jobs else jobs, bar.update, stopping=stopped.is_set)


def _wish(asked: Asked) -> RealWish:
    if isnan(asked.seconds):
        raise Refused("--seconds nan: so long is a number from 5 on, as in --seconds 180")
    return RealWish("", seconds=asked.seconds, seed=asked.seed, orders=asked.orders, rates=rates(asked.faults))


def _of_file(path: Path) -> dict[str, Any]:
    try:
        plan = read(path)
    except WrongSchedule as error:
        raise Refused(str(error)) from None
    cell = (plan.design, plan.consumer)
    orders = sum(step.do == "place_order" for step in plan.steps)
    wish = Wish(plan.seed, 1, orders, (cell,), plan.variants, dict.fromkeys(plan.faults or (), 1.0))
    return compare(wish, results=((cell, verdict(each)) for each in [plan]))


def rates(given: tuple[str, ...]) -> dict[str, float]:
    """Read NAME=RATE; what is not named keeps its own rate.

    Raises:
        Refused: no such fault, or no rate.
    """
    found = dict(RATES)
    for each in given:
        name, equals, text = each.partition("=")
        if name != "all" and name not in APPLIES:
            raise Refused(f"There is no fault {name!r}; there are all, {', '.join(APPLIES)}")
        try:
            rate = float(text)
        except ValueError:
            rate = -1.0
        if not equals or not 0 <= rate <= 1:
            raise Refused(f"--faults {each}: a rate is a number from 0 to 1, as in {name}=0.05")
        found |= dict.fromkeys(APPLIES, rate) if name == "all" else {name: rate}
    return found


def lost_order(seed: int) -> dict[str, Any]:
    """Give the shortest way to lose an order, for the report's timeline."""
    found = looked_for(seed)
    steps = [{"ms": round(at * 1000), "who": who, "what": what} for at, who, what in found.evidence.timeline]
    return {"seed": seed, "design": found.plan.design, "consumer": found.plan.consumer, "steps": steps}


def _make(out: Path) -> None:
    """Make the folder of the report before anything is run that might be in vain."""
    with _told_of(out):
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass


def _write(out: Path, result: dict[str, Any]) -> None:
    with _told_of(out):
        (out / "comparison.json").write_text(_json(result), encoding="utf-8")
        (out / "comparison.csv").write_text(csv_text(result), encoding="utf-8", newline="")
        (out / "comparison.html").write_text(page(result), encoding="utf-8")


@contextmanager
def _told_of(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refused(f"The report cannot be written into {out}: {error}") from None


def _json(result: dict[str, Any]) -> str:
    return json.dumps(result, indent=1) + "\n"
