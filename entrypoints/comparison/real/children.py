"""Processes of a real run as who started them sees them: started, told something, killed, started again, ended."""

import multiprocessing
import threading
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from random import Random
from typing import Any

from config.real_comparison import PRELOADED
from entrypoints.comparison.real.job import NOT_NOW, Job
from entrypoints.comparison.real.process import begin

LONGEST_RESTART = 1.0
"""Seconds that a process which died takes to come back."""

LONGEST_END = 30.0
"""Seconds that a process has to end by itself."""

TAIL = 2000
"""Characters at the end of a log in which its last line is looked for."""


def nursery() -> ForkServerContext:
    """Give what processes are forked from: one that has loaded all of the shop, so that a killed process is back in no time."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["entrypoints.comparison.real.process", *PRELOADED])
    return context


class Child:
    """One process under one name, through all its lives. `crashes` tells of ends that nobody ordered."""

    # Of all children together: to start one, multiprocessing looks whether any other has ended, and who looks second at the same
    # moment reads no status, which it takes for 255.
    _guard = threading.Lock()

    def __init__(self, job: Job, environment: Mapping[str, str]) -> None:
        """Start nothing yet."""
        self.name = job.name
        self.lives = 0
        self.crashes: list[str] = []
        self._job = job
        self._environment = dict(environment)
        self._log = Path(job.folder) / f"{job.name}.log"
        self._random = Random(f"{job.seed} {job.name} restarts")  # noqa: S311 - a run is to be repeated
        self._context = nursery()
        self._process: ForkServerProcess | None = None
        self._line: Connection[Any, Any] | None = None
        self._buried = True

    def start(self) -> None:
        """Begin the next life."""
        job = self._job.named(self.name, self.lives)
        with self._guard:
            self.ask_to_end()
            self.lives += 1
            self._buried = False
            self._line, its = self._context.Pipe()
            arguments = (job, self._environment, its, str(self._log))
            process = self._context.Process(target=begin, args=arguments, daemon=True)
            process.start()
            self._process = process
            its.close()

    def has_ended(self) -> bool:
        """Tell whether it is dead; whoever died of something else than SIGKILL or absent servers has crashed."""
        process = self._process
        if process is None:
            return True
        with self._guard:
            if process.is_alive():
                return False
            if not self._buried:
                self._buried = True
                if process.exitcode not in {0, -9, NOT_NOW}:
                    self.crashes.append(f"{self.name} ended with {process.exitcode}: {self.last_words()}")
        return True

    def last_words(self) -> str:
        """Give the last line of its log."""
        lines = self._log.read_text(errors="replace")[-TAIL:].strip().splitlines() if self._log.exists() else []
        return lines[-1].strip() if lines else "it said nothing"

    def tell(self, what: object) -> bool:
        """Send it something; tell whether it could be."""
        try:
            if self._line is None:
                return False
            self._line.send(what)
        except (OSError, ValueError):
            return False
        return True

    def hear(self) -> Any:  # noqa: ANN401 - whatever it says
        """Wait for what it says next; None where it died instead."""
        try:
            return None if self._line is None else self._line.recv()
        except (OSError, EOFError):
            return None

    def kill(self) -> None:
        """End it at once, by its id, which is another's soon after it has ended."""
        with self._guard:
            if self._process is not None and self._process.is_alive():
                self._process.kill()

    def rest(self) -> float:
        """Give how long it takes to come back, in seconds."""
        return self._random.random() * LONGEST_RESTART

    def ask_to_end(self) -> None:
        """Have it end what it is at."""
        line, self._line = self._line, None
        if line is not None:
            with suppress(OSError):
                line.close()

    def end(self) -> None:
        """Wait for its end, and hasten it where it takes too long."""
        process = self._process
        if process is None:
            return
        self.ask_to_end()
        if not wait([process.sentinel], LONGEST_END):
            self.kill()
            wait([process.sentinel])
        self.has_ended()
