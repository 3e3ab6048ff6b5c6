"""`ecshop rebuild` and `ecshop generations`: rows made anew from all events, beside those that people read."""

import json
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Event
from types import FrameType

import click
from config.read_side import ReadSide, open_read_side

from config.settings import Settings
from core.delivery.projector import AWAY
from core.delivery.rebuild import NotReconciled, StillParked
from core.delivery.reconcile import Report
from core.ports.generations import Generation, GenerationsRefused
from entrypoints.cli.refusal import Refused

GRACE = 5.0
"""Seconds after the swap until the old rows are dropped: a query that began before has its answer by then."""


def rebuild(settings: Settings, *, segments: int) -> None:
    """Build the next generation, have people read it, and drop the one before.

    Raises:
        Refused: it does not converge, another rebuild with other folds is under way, or the database is away.
    """
    with open_read_side(settings) as read_side, _stopped_by_signals() as stop:
        try:
            generation = read_side.rebuild.begin()
            click.echo(f"Building generation {generation.number}; people go on reading the one before.")
            if not _replayed(read_side, generation, segments, stop):
                click.echo("Stopped. `ecshop rebuild` goes on where it was.", err=True)
                sys.exit(130)
            parked = read_side.rebuild.go_live(generation, _told)
            for stream in parked:
                click.echo(
                    f"{stream} is parked in the new generation as it was in the old; see `ecshop dead-letters list`."
                )
            click.echo(f"Generation {generation.number} is live.")
            if not stop.wait(GRACE):
                _drop_retired(read_side)
        except (NotReconciled, StillParked, GenerationsRefused) as error:
            raise Refused(f"{error}; people go on reading the old rows") from None
        except AWAY as error:
            raise Refused(f"The rebuild stopped, `ecshop rebuild` goes on where it was: {error}") from None


def _replayed(read_side: ReadSide, generation: Generation, segments: int, stop: Event) -> bool:
    """Replay all segments at once, showing how far they are; tell whether they came to their end."""
    counts: SimpleQueue[int] = SimpleQueue()

    def replay(segment: int) -> None:
        for count in read_side.rebuild.replay(generation, segment, segments):
            counts.put(count)
            if stop.is_set():
                return

    expected = read_side.projections.passed()
    with ThreadPoolExecutor(segments, thread_name_prefix="replay") as threads:
        running = [threads.submit(replay, segment) for segment in range(segments)]
        try:
            with click.progressbar(length=expected, label="Events", show_pos=True, width=30) as bar:
                while not all(segment.done() for segment in running):
                    for count in _waiting(counts):
                        bar.update(count)
        finally:
            if any(segment.done() and segment.exception() for segment in running):
                stop.set()
        for segment in running:
            segment.result()
    return not stop.is_set()


def _waiting(counts: "SimpleQueue[int]") -> Iterator[int]:
    try:
        yield counts.get(timeout=0.2)
        while True:
            yield counts.get_nowait()
    except Empty:
        return


def _told(report: Report) -> None:
    found = f"{len(report.differences)} differ" if report.differences else "none differs"
    click.echo(f"Reconciled {report.looked_at} streams: {found}.")


def _drop_retired(read_side: ReadSide) -> None:
    for generation in read_side.projections.generations():
        if generation.status == "retired":
            read_side.projections.drop(generation.number)
            click.echo(f"Generation {generation.number} is dropped.")


@contextmanager
def _stopped_by_signals() -> Iterator[Event]:
    """Have Ctrl-C and SIGTERM set an event while inside, so that each batch ends whole."""
    stop = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def show_generations(settings: Settings, *, as_json: bool, drop: int | None) -> None:
    """List the generations, or drop one that nobody reads.

    Raises:
        Refused: it is the live one, or the database is away.
    """
    with open_read_side(settings) as read_side:
        try:
            if drop is not None:
                read_side.projections.drop(drop)
            known = read_side.projections.generations()
            rows = [
                {**generation._asdict(), "events": read_side.projections.passed(generation.number)}
                for generation in known
            ]
        except (GenerationsRefused, *AWAY) as error:
            raise Refused(str(error)) from None
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    click.echo(f"{'number':>6}  {'status':<9} {'folds':>5} {'events':>12}")
    for row in rows:
        click.echo(f"{row['number']:>6}  {row['status']:<9} {row['folds']:>5} {row['events']:>12,}")
