"""`ecshop rebuild` and `ecshop generations`: rows made anew from all events, beside those that people read."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Event
from time import monotonic

import click

from config.settings import Settings
from config.shop import Shop
from core.delivery.projector import AWAY
from core.delivery.rebuild import NotReconciled, Rebuild, StillParked
from core.delivery.reconcile import Report
from core.ports.generations import Generation, Generations, GenerationsRefused
from entrypoints.cli.extras import extra
from entrypoints.cli.refusal import Refused
from entrypoints.cli.signals import stopped_by_signals
from entrypoints.cli.stores import durable_shop

GRACE = 5.0
"""Seconds after the swap until the old rows are dropped: a query that began before has its answer by then."""

INTERRUPTED = 130


def rebuild(settings: Settings, *, segments: int, place: str | None) -> None:
    """Build the next generation, have people read it, and drop the one before. It is filled from the store, or the archive at `place`.

    Raises:
        Refused: it does not converge, another rebuild with other folds is under way, or the database is away; the archive cannot be read
            or is not complete.
    """
    with durable_shop(settings) as shop, _steps(shop, place) as steps, stopped_by_signals() as stop:
        try:
            generation = steps.begin()
            click.echo(f"Building generation {generation.number}; people go on reading the one before.")
            _replay(steps, generation, segments, shop.projections().passed(), stop)
            if stop.is_set():
                click.echo("Stopped. `ecshop rebuild` goes on where it was.", err=True)
                sys.exit(INTERRUPTED)
            for stream in steps.go_live(generation, _tell):
                click.echo(f"{stream} is parked, as it was before: see `ecshop dead-letters list`.")
            click.echo(f"Generation {generation.number} is live.")
            if stop.wait(GRACE):
                click.echo("Stopped before the old rows were dropped: the next `ecshop rebuild` does that.", err=True)
                sys.exit(INTERRUPTED)
            _drop_retired(shop.projections())
        except (NotReconciled, StillParked, GenerationsRefused) as error:
            raise Refused(f"{error}; people go on reading the old rows") from None
        except AWAY as error:
            raise Refused(f"The rebuild stopped, and `ecshop rebuild` goes on where it was: {error}") from None


@contextmanager
def _steps(shop: Shop, place: str | None) -> Iterator[Rebuild]:
    if place is None:
        yield shop.read_models.rebuild()
        return
    with extra("kinesis"):
        from entrypoints.cli.archive import rebuild_of_archive
    with rebuild_of_archive(shop, place) as steps:
        yield steps


def _replay(steps: Rebuild, generation: Generation, segments: int, expected: int, stop: Event) -> None:
    """Replay all segments at once, showing how far they are, until they are at their end or told to stop."""
    counts: SimpleQueue[int] = SimpleQueue()

    def replay(segment: int) -> None:
        for count in steps.replay(generation, segment, segments):
            counts.put(count)
            if stop.is_set():
                return

    with ThreadPoolExecutor(segments, thread_name_prefix="replay") as threads:
        running = [threads.submit(replay, segment) for segment in range(segments)]
        began = monotonic()
        with click.progressbar(length=expected, label="Events", show_pos=True, width=30, item_show_func=_rate) as bar:
            for count in _counted(counts, running):
                bar.update(count, round((bar.pos + count) / (monotonic() - began)))
                if any(segment.done() and segment.exception() for segment in running):
                    stop.set()  # the others too: the whole is begun again
        for segment in running:
            segment.result()


def _rate(events_per_second: int | None) -> str | None:
    return None if events_per_second is None else f"{events_per_second:,} events/s"


def _counted(counts: "SimpleQueue[int]", running: list["Future[None]"]) -> Iterator[int]:
    """Give the counts as they come, and 0 now and then, until all is done."""
    while not (all(segment.done() for segment in running) and counts.empty()):
        try:
            yield counts.get(timeout=0.2)
        except Empty:
            yield 0


def _tell(report: Report) -> None:
    found = f"{len(report.differences)} differ" if report.differences else "none differs"
    click.echo(f"Reconciled {report.looked_at} streams: {found}.")


def _drop_retired(generations: Generations) -> None:
    for generation in generations.generations():
        if generation.status == "retired":
            generations.drop(generation.number)
            click.echo(f"Generation {generation.number} is dropped.")


def show_generations(settings: Settings, *, as_json: bool, drop: int | None) -> None:
    """List the generations, after dropping one that nobody reads where that is wanted.

    Raises:
        Refused: it is the live one, or the database is away.
    """
    with durable_shop(settings) as shop:
        projections = shop.projections()
        try:
            if drop is not None:
                projections.drop(drop)
            rows = [{**each._asdict(), "events": projections.passed(each.number)} for each in projections.generations()]
        except (GenerationsRefused, *AWAY) as error:
            raise Refused(str(error)) from None
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    click.echo(f"{'number':>6}  {'status':<9} {'folds':>5} {'events':>12}")
    for row in rows:
        click.echo(f"{row['number']:>6}  {row['status']:<9} {row['folds']:>5} {row['events']:>12,}")
