"""One process of a real run: it is told who it is, and ends when the line to who started it is cut, so that none outlives the run.

One that serves hears commands on that line, and answers there.
"""

import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import timedelta
from multiprocessing.connection import Connection

from config.raw_stores import Raw
from config.real_comparison import StoreProblem, prepare
from config.settings import load_settings
from core.application.executor import Context
from core.application.idempotency import Once
from core.delivery.upkeep import Upkeep
from core.domain.errors import DomainError
from core.ports.event_publisher import PublishFailed
from core.ports.event_store import StoreError
from entrypoints.comparison.real.cleanup import clean_up, look
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
)
from entrypoints.comparison.real.journal import Journal
from entrypoints.comparison.real.line import Line
from entrypoints.comparison.real.noted_feed import NotedFeed
from entrypoints.comparison.real.parts import Parts
from entrypoints.comparison.workload import SHOPPER, command_of

SAMPLES_EVERY = 2.0
"""Seconds between two looks at how many rows diverge."""

RECONCILE_EVERY = timedelta(seconds=10)
"""A run is shorter than the five minutes of the shop's own schedule."""


def begin(job: Job, environment: Mapping[str, str], connection: Connection, log: str) -> None:
    """Become a process of the run, just forked."""
    os.setsid()  # Ctrl-C is for who started the run
    os.environ.clear()
    os.environ.update(environment)
    said = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    try:
        main(job, Line(connection))
    except StoreProblem as problem:
        os.write(2, f"{problem}\n".encode())
        sys.exit(NOT_NOW)


def main(job: Job, line: Line) -> None:
    """Be who the job says, until nobody wants it any more."""
    settings, journal = load_settings(), Journal(folder_of(job), job.name)
    if job.name == PREPARE:
        prepare(settings)
        line.say(READY)
        return
    raw = Raw(settings)
    if job.name == ONLOOKER:
        _look_on(raw, journal, line)
        return
    parts = Parts(job, settings, journal)
    try:
        if job.name == CLEAN_UP:
            left = clean_up(parts, raw, journal, line.say)
            (folder_of(job) / LEFT).write_text(json.dumps(left))
            line.say(READY)
        elif job.name.startswith("api"):
            _serve(parts, line)
        else:
            _work(job.name, parts, line)
    finally:
        parts.close()


def _look_on(raw: Raw, journal: Journal, line: Line) -> None:
    stopping = line.when_cut(lambda _told: None, lambda: None)
    line.say(READY)
    while not stopping.wait(SAMPLES_EVERY):
        look(raw, journal)


def _serve(parts: Parts, line: Line) -> None:
    commands, noted = parts.commands()
    line.say(READY)
    for asked in line.heard():
        noted.about = asked["about"]
        once = Once(asked["key"], "") if asked["key"] else None
        context = Context("shopper", locale="en", once=once, email=SHOPPER)
        try:
            answer = commands.run(command_of(asked["step"]), context)
        except (DomainError, StoreError, PublishFailed) as error:
            line.say({"error": f"{type(error).__name__}: {error}"})
        else:
            line.say({"positions": [list(position) for position in answer.positions]})


def _work(name: str, parts: Parts, line: Line) -> None:
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
        run = _upkeep(parts)

    def hear(told: object) -> None:
        if told == EXPIRE and feed is not None:
            feed.expiring = True

    stopping = line.when_cut(hear, parts.environment.wake)
    line.say(READY)
    run(stopping.is_set)


def _upkeep(parts: Parts) -> Callable[[Callable[[], bool]], object]:
    """Reconcile each projector, in a thread of its own, as `ecshop worker reconcile` does."""
    upkeeps = [Upkeep(name, parts.reconcile(name), parts.environment, RECONCILE_EVERY) for name in PROJECTORS]

    def look_after(upkeep: Upkeep, stopping: Callable[[], bool]) -> None:
        try:
            upkeep.run(stopping)
        except Exception:  # noqa: BLE001 - a thread would die of it unseen, and the clean-up make up for it
            traceback.print_exc()
            os._exit(1)

    def run(stopping: Callable[[], bool]) -> None:
        threads = [threading.Thread(target=look_after, args=(upkeep, stopping)) for upkeep in upkeeps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return run
