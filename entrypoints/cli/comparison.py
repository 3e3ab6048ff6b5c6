"""`ecshop compare`: what each delivery design loses, with which consumer."""

from pathlib import Path
from typing import Any

import click

from entrypoints.cli.extras import extra
from entrypoints.cli.sentences import sentences

OUT = Path(".ecshop") / "comparison"

SEED = click.IntRange(0, 1_000_000_000)


@click.group(invoke_without_command=True, short_help="Show what each delivery design loses.")
@click.option("--seed", type=SEED, default=1, show_default=True, help="The first schedule's number.")
@click.option(
    "--schedules",
    type=click.IntRange(1, 1_000_000),
    help="So many, from the seed on; 20 without it. A real run is one.",
)
@click.option(
    "--orders",
    type=click.IntRange(1, 1_000),
    help="Orders of a schedule, 4 commands each; 10 without it. A real run ends when they are done.",
)
@click.option("--designs", metavar="LIST", help="Of cdc, dual-write, outbox, publish-first; all without it.")
@click.option("--consumers", metavar="LIST", help="Of naive, cursor, doorbell, doorbell+reconcile; all without it.")
@click.option(
    "--variants",
    metavar="LIST",
    help="Of keyed, retry: better forms of the designs in which the application publishes.",
)
@click.option(
    "--faults",
    multiple=True,
    metavar="NAME=RATE",
    help="How likely a fault is at each of its occasions, 0 to 1; `all=0` first switches every other off. Repeatable.",
)
@click.option(
    "--transport",
    type=click.Choice(["memory", "kinesis", "kafka", "postgres"]),
    default="memory",
    show_default=True,
    help="memory simulates; the others are real runs, on servers that are started here and killed.",
)
@click.option(
    "--store",
    type=click.Choice(["dynamodb", "postgres"]),
    default="dynamodb",
    show_default=True,
    help="Of a real run: where events are.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(5, 86_400),
    default=180,
    show_default=True,
    help="Of a real run: so long, for each design and consumer, without the clean-up.",
)
@click.option("--schedule", type=click.Path(path_type=Path), metavar="FILE", help="Run the one schedule of this file.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="NUMBER", help="Processes at work; one for each core without it."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=OUT,
    show_default=True,
    help="Write comparison.json, .csv and .html into this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
@click.pass_context
@sentences
def compare(context: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click gives them by name
    """Show what each delivery design loses, repeats, reorders and delays: the same shop and commands under the same faults.

    Everything is simulated in this process: stores, brokers, crashes, time. The code of the shop is the real one. The same seed gives the
    same figures, byte for byte. docs/delivery.md says what each design, consumer, fault and figure is.

    With --transport, the same workload and the same judge on real servers: processes are killed, the broker and PostgreSQL are stopped,
    answers are cut. One run for each design that the transport carries, with the consumer doorbell+reconcile unless others are named.

    Exit status: 0; 1 where a cell breaks what it promises, or a real run fails; 3 where a fault that applies never fired, or a figure that
    a cell must show stayed 0, so that the run proves nothing; 130 after Ctrl-C, with what was done by then.
    """
    if context.invoked_subcommand is not None:
        return
    with extra("compare"):
        from entrypoints.cli.compare_options import Asked
        from entrypoints.cli.comparing import run_comparison

    run_comparison(Asked(**options))


@compare.command(short_help="Show the shortest way to lose an order.")
@click.argument("seed", type=SEED)
@click.option(
    "--schedule",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Replay the schedule of this file instead of looking for one.",
)
@click.option(
    "--save", type=click.Path(path_type=Path), metavar="FILE", help="Write the schedule that was found there."
)
@sentences
def explain(seed: int, schedule: Path | None, save: Path | None) -> None:
    """Find the shortest schedule in which dual-write, with the naive consumer, stores an order that is never shown; tell it step by step.

    SEED says from which schedule the search starts. Nothing can be left out of what is found: without any one step, nothing is lost.
    """
    with extra("compare"):
        from entrypoints.cli.explaining import run_explanation

    run_explanation(seed, schedule, save)
