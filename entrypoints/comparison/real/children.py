"""Processes of a real run as who started them sees them: started, told something, killed, started again, ended."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from entrypoints.comparison.real.job import NOT_NOW, Job

LONGEST_RESTART = 1.0
"""Seconds that a process which died takes to come back."""

LONGEST_END = 30.0
"""Seconds that a process has to end by itself."""

TAIL = 2000
"""Characters at the end of a log in which its last line is looked for."""

MODULE = "entrypoints.comparison.real.process"


class Child:
    """One process under one name, through all its lives. `crashes` tells of ends that nobody ordered."""

    def __init__(self, job: Job, environment: Mapping[str, str]) -> None:
        """Start nothing yet."""
        self.name = job.name
        self.lives = 0
        self.crashes: list[str] = []
        self._job = job
        self._environment = dict(environment)
        self._log = Path(job.folder) / f"{job.name}.log"
        self._random = Random(f"{job.seed} {job.name} restarts")  # noqa: S311 - a run is to be repeated
        self._process: subprocess.Popen[str] | None = None
        self._guard = threading.Lock()
        self._buried = True

    def start(self) -> None:
        """Begin the next life."""
        job = self._job.named(self.name, self.lives)
        with self._guard, self._log.open("a") as log:
            self.lives += 1
            self._buried = False
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", MODULE, job.to_json()],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C is for who started the run
            )

    def has_ended(self) -> bool:
        """Tell whether it is dead; whoever died of something else than SIGKILL or absent servers has crashed."""
        process = self._process
        if process is None:
            return True
        if process.poll() is None:
            return False
        with self._guard:
            if not self._buried:
                self._buried = True
                if process.returncode not in {0, -9, NOT_NOW}:
                    self.crashes.append(f"{self.name} ended with {process.returncode}: {self.last_words()}")
        return True

    def last_words(self) -> str:
        """Give the last line of its log."""
        lines = self._log.read_text(errors="replace")[-TAIL:].strip().splitlines()
        return lines[-1].strip() if lines else "it said nothing"

    def tell(self, line: str) -> bool:
        """Write a line to it; tell whether it could be."""
        process = self._process
        try:
            if process is None or process.stdin is None:
                return False
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def hear(self) -> Any | None:  # noqa: ANN401 - JSON
        """Wait for what it says next; None where it died instead."""
        process = self._process
        if process is None or process.stdout is None:
            return None
        try:
            line = process.stdout.readline()
            return json.loads(line) if line.endswith("\n") else None
        except (OSError, ValueError):
            return None

    def kill(self) -> None:
        """End it at once, by its id."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()

    def rest(self) -> float:
        """Give how long it takes to come back, in seconds."""
        return self._random.random() * LONGEST_RESTART

    def ask_to_end(self) -> None:
        """Have it end what it is at."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError, ValueError):
                self._process.stdin.close()

    def end(self) -> None:
        """Wait for its end, and hasten it where it takes too long."""
        process = self._process
        if process is None:
            return
        self.ask_to_end()
        deadline = time.monotonic() + LONGEST_END
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if process.poll() is None:
            process.kill()
        process.wait()
        self.has_ended()
        if process.stdout is not None:
            process.stdout.close()
