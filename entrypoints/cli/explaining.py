"""`ecshop compare explain`: the shortest way to lose an order, in words."""

import sys
from pathlib import Path

import click

from entrypoints.cli.refusal import Refused
from entrypoints.comparison.explain import Found, shortest, steps_in_words
from entrypoints.comparison.oracle import judge
from entrypoints.comparison.quiet import without_alarms
from entrypoints.comparison.schedule_file import WrongSchedule, read, written
from entrypoints.comparison.simulated.run import Run


def run_explanation(seed: int, schedule: Path | None, save: Path | None) -> None:
    """Find or read a schedule, run it, and tell what happens.

    Raises:
        Refused: the file is no schedule, or cannot be written.
    """
    with without_alarms():
        found = _read(schedule) if schedule else looked_for(seed)
    plan, evidence = found.plan, found.evidence
    click.echo(f"{plan.design} with the {plan.consumer} consumer, {len(steps_in_words(plan))} steps:")
    for number, words in enumerate(steps_in_words(plan), 1):
        click.echo(f"  {number}. {words}")
    click.echo("\nWhat happens:")
    for at, who, what in evidence.timeline:
        click.echo(f"  {at * 1000:7.0f} ms  {who:<12} {what}")
    lost = judge(evidence)["lost_orders"]
    orders = "1 order is" if lost == 1 else f"{lost} orders are"
    click.echo(f"\nAfter everything was delivered that could be: {orders} stored and never shown.")
    if not schedule and lost:
        click.echo("Leave any one step out, and nothing is lost.")
    if save:
        try:
            save.write_text(written(plan), encoding="utf-8")
        except OSError as error:
            raise Refused(f"The schedule cannot be written: {error}") from None
        click.echo(f"Saved: {save}. Run it again with `ecshop compare explain {seed} --schedule {save}`.")


def looked_for(seed: int) -> Found:
    """Look for the shortest schedule, and show how many were tried."""
    with click.progressbar(
        length=200, label="Schedules tried", file=sys.stderr, show_percent=False, show_eta=False
    ) as bar:
        return shortest(seed, bar.update)


def _read(path: Path) -> Found:
    try:
        plan = read(path)
    except WrongSchedule as error:
        raise Refused(str(error)) from None
    return Found(plan, Run(plan).finish())
