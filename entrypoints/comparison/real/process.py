"""One process of a real run. Usage: python -m entrypoints.comparison.real.process JOB, which is JSON; the settings are the environment's.

It ends when its standard input does, so none outlives who started it. One that serves reads commands from there, a line each, and answers
on its standard output.
"""

import json
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from config.real_comparison import Raw, StoreProblem, prepare
from config.settings import load_settings
from core.application.executor import Context
from core.application.idempotency import Once
from core.delivery.projector import AWAY
from core.domain.errors import DomainError
from core.ports.event_publisher import PublishFailed
from core.ports.event_store import StoreError
from entrypoints.comparison.real.cleanup import clean_up, look
from entrypoints.comparison.real.damage import NotedFeed
from entrypoints.comparison.real.job import (
    CLEAN_UP,
    EXPIRE,
    LEFT,
    NOT_NOW,
    ONLOOKER,
    PREPARE,
    PROJECTORS,
    READY,
    Job,
    folder_of,
    job_of,
)
from entrypoints.comparison.real.journal import Journal
from entrypoints.comparison.real.parts import Parts
from entrypoints.comparison.workload import Step, command_of

SAMPLES_EVERY = 2.0
"""Seconds between two looks at how many rows diverge."""

RECONCILE_EVERY = 10.0
"""Seconds; a run is shorter than the five minutes of the shop's own schedule."""

RECENT = timedelta(minutes=10)


def main(job: Job) -> None:
    """Be who the job says, until nobody wants it any more."""
    settings, journal = load_settings(), Journal(folder_of(job), job.name)
    if job.name == PREPARE:
        prepare(settings)
        _say(READY)
    elif job.name == ONLOOKER:
        _look_on(Raw(settings), journal)
    else:
        parts = Parts(job, settings, journal)
        try:
            if job.name == CLEAN_UP:
                left = clean_up(parts, Raw(settings), journal, lambda told: _say({"tell": told}))
                (folder_of(job) / LEFT).write_text(json.dumps(left))
                _say(READY)
            elif job.name.startswith("api"):
                _serve(parts)
            else:
                _work(job.name, parts)
        finally:
            parts.close()


def _look_on(raw: Raw, journal: Journal) -> None:
    stopping = _when_input_ends(lambda _line: None)
    _say(READY)
    while not stopping.wait(SAMPLES_EVERY):
        look(raw, journal)


def _when_input_ends(hear: Callable[[str], object], then: Callable[[], object] = lambda: None) -> threading.Event:
    """Listen to who started this process; the event says that nobody wants it any more."""
    ended = threading.Event()

    def listen() -> None:
        for line in sys.stdin:
            hear(line.strip())
        ended.set()
        then()

    threading.Thread(target=listen, daemon=True).start()
    return ended


def _say(told: object) -> None:
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


def _serve(parts: Parts) -> None:
    commands, noted = parts.commands()
    _say(READY)
    for line in sys.stdin:
        asked = json.loads(line)
        noted.about = asked["about"]
        once = Once(asked["key"], "") if asked["key"] else None
        context = Context("shopper", locale="en", once=once, email="shopper@shop.example")
        try:
            answer = commands.run(command_of(Step(*asked["step"])), context)
        except (DomainError, StoreError, PublishFailed) as error:
            _say({"error": f"{type(error).__name__}: {error}"})
        else:
            _say({"positions": answer.positions})


def _work(name: str, parts: Parts) -> None:
    feed: NotedFeed | None = None
    run: Callable[[Callable[[], bool]], object]
    if name in PROJECTORS:
        feed = parts.feed(name)
        run = parts.projector(name, feed).run
    elif name == "sender":
        run = parts.sender().run
    elif name == "relay":
        run = parts.relay().run
    else:
        run = Upkeep(parts).run

    def hear(line: str) -> None:
        if line == EXPIRE and feed is not None:
            feed.expiring = True

    stopping = _when_input_ends(hear, parts.environment.wake)
    _say(READY)
    run(stopping.is_set)


class Upkeep:
    """Reconciles each projector now and then."""

    def __init__(self, parts: Parts) -> None:
        """Work on these."""
        self._reconciles: list[Any] = [parts.reconcile(name) for name in PROJECTORS]
        self._environment = parts.environment

    def run(self, stopping: Callable[[], bool]) -> None:
        """Go on until told to stop; what is away is asked again at the next turn."""
        while not self._environment.wait(stopping, RECONCILE_EVERY):
            for reconcile in self._reconciles:
                try:
                    reconcile.repair(reconcile.look(recent=RECENT))
                except AWAY:
                    continue


if __name__ == "__main__":
    try:
        main(job_of(sys.argv[1]))
    except StoreProblem as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(NOT_NOW)
