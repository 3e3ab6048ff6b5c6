"""Which stack runs on a folder, and of which processes it is: what another terminal needs to end it."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from entrypoints.stack.identity import Identity, identity_of
from entrypoints.stack.problem import StackProblem
from entrypoints.stack.process import LONGEST_END, LOOK_AGAIN, end_group

LONGEST_STOP = 240.0
"""Seconds that a stack has to end: each part may take its time, one after another."""


class Record:
    """The record of the folder. A lock says whether a stack runs, since the system lets go of it however that ends."""

    def __init__(self, folder: Path) -> None:
        """Keep it in this folder, which is there."""
        self._folder = folder
        self._file = folder / "running.json"
        self._lock = folder / "lock"

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Be the one stack of the folder while inside; what another left running when it was killed is ended first, and our own last.

        Raises:
            StackProblem: another runs.
        """
        with self._lock.open("a") as lock:  # it holds the words of who has it
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackProblem(
                    f"A stack runs already on {self._folder}: stop it with `ecshop stack down`, or set DATA_DIR to another folder."
                ) from None
            lock.truncate(0)
            lock.write(json.dumps(identity_of(os.getpid())))
            lock.flush()
            self._end_left_over()
            try:
                yield
            finally:
                self._end_left_over()
                lock.truncate(0)

    def note(self, parts: Sequence[tuple[str, Identity]]) -> None:
        """Write down what runs, in the order of its start."""
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps({"parts": parts}))
        new.replace(self._file)  # at once, so that nobody reads half of it

    def end(self) -> bool:
        """Have the stack that runs end, and wait for it; tell whether there was one.

        Raises:
            StackProblem: it does not end.
        """
        try:
            up = Identity(*json.loads(self._lock.read_text()))
        except (OSError, ValueError, TypeError):  # none yet, or one of another version
            return False
        if not up.lives():
            return False
        up.signal(signal.SIGTERM)
        if not _gone(up, LONGEST_STOP):
            raise StackProblem(
                f"The stack (process {up.pid}) does not end: look at the logs in {self._folder / 'logs'}."
            )
        return True

    def _end_left_over(self) -> None:
        """End, in the order of a stop, what still runs of what is noted, and forget it."""
        for _, part in reversed(self._read()):
            if part.lives():
                part.signal(signal.SIGTERM)
                if not _gone(part, LONGEST_END):
                    part.signal(signal.SIGKILL)
                    _gone(part, LONGEST_END)
                end_group(part.pid)
        self._file.unlink(missing_ok=True)

    def _read(self) -> list[tuple[str, Identity]]:
        try:
            return [(name, Identity(*identity)) for name, identity in json.loads(self._file.read_text())["parts"]]
        except (OSError, ValueError, KeyError, TypeError):  # none, or one of another version
            return []


def _gone(process: Identity, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while process.lives():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_AGAIN)
    return True
