"""A client of a real run: it sends commands to a process of its own and keeps what it was told, outside of that process."""

import threading
import time
from collections.abc import Iterator
from random import Random
from typing import Any

from entrypoints.comparison.real.children import Child
from entrypoints.comparison.real.job import READY
from entrypoints.comparison.real.journal import Journal
from entrypoints.comparison.workload import Step, effect_of

LONGEST_ANSWER = 60.0
"""Seconds after which a process that does not answer is killed: nobody waits for ever."""


class Client:
    """Sends one command after another. When the process that serves it dies, the next one goes on.

    A command that was cut off is sent again, under its Idempotency-Key, where its step says so; the older designs knew no such keys.
    """

    def __init__(self, child: Child, steps: Iterator[Step], thinking: float, journal: Journal, *, keys: bool) -> None:
        """Be served by `child`; `thinking` is the longest time between two commands, in seconds."""
        self.name = child.name
        self.sent = 0
        self.stopping = threading.Event()
        self._child = child
        self._steps = steps
        self._thinking = thinking
        self._journal = journal
        self._keys = keys
        self._random = Random(f"{child.name} thinking")  # noqa: S311 - a run is to be repeated
        self._asked_at: float | None = None
        self._thread = threading.Thread(target=self._live, name=child.name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Have it send nothing more, and wait for its last answer."""
        self.stopping.set()
        if self.lives:
            self._thread.join()

    @property
    def lives(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive()

    def hurry(self) -> None:
        """Give up on an answer that takes too long."""
        if (asked_at := self._asked_at) is not None and time.monotonic() - asked_at > LONGEST_ANSWER:
            self._child.kill()

    def _live(self) -> None:
        for step in self._steps:
            if self.stopping.wait(self._random.random() * self._thinking):
                return
            self.sent += 1
            about = f"{self.name} {self.sent}"
            answer = self._ask(about, step)
            while answer is None and step.repeat and self._keys and not self.stopping.is_set():
                answer = self._ask(about, step)
            if answer is None:
                self._journal.note("cut", about)
            elif "error" in answer:
                self._journal.note("refused", about, answer["error"])
            else:
                self._journal.note("told", about, answer["positions"])
                if effect := effect_of(step):
                    self._journal.note("done", *effect)

    def _ask(self, about: str, step: Step) -> dict[str, Any] | None:
        """Give the answer; None where the process died, or nobody is there to ask any more."""
        if not self._has_a_process():
            return None
        key = about if self._keys else ""
        self._asked_at = time.monotonic()
        try:
            if not self._child.tell({"about": about, "key": key, "step": step}):
                return None
            return self._child.hear()  # type: ignore[no-any-return]
        finally:
            self._asked_at = None

    def _has_a_process(self) -> bool:
        while self._child.has_ended() and not self.stopping.is_set():
            if self._child.lives and self.stopping.wait(self._child.rest()):
                return False
            self._child.start()
            if self._child.hear() == READY:
                return True
        return not self._child.has_ended()
