"""One part of the stack: a process with a log of its own, and what tells that it is ready."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from entrypoints.stack.identity import Identity, identity_of
from entrypoints.stack.problem import StackProblem

PATIENCE = 120.0
"""Seconds until a part must be ready; each takes one or two on an idle machine."""

LONGEST_END = 30.0
"""Seconds that a part has to end by itself."""

LOOK_AGAIN = 0.05
"""Seconds."""

TAIL = 20_000
"""Bytes at the end of a log in which its last line is looked for."""

# A proxy that the environment names has no business between two processes of this machine.
_ask = build_opener(ProxyHandler({})).open


@dataclass(frozen=True, slots=True)
class Part:
    """What is started and how: `is_ready` is asked with the log again and again until it says yes."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    is_ready: Callable[[Path], bool]


def answers(url: str) -> Callable[[Path], bool]:
    """Be ready when this address has a good answer."""

    def is_ready(_log: Path) -> bool:
        try:
            with _ask(url, timeout=5):
                return True
        except (URLError, HTTPException, OSError):
            return False

    return is_ready


def says(words: str) -> Callable[[Path], bool]:
    """Be ready when the process has said this."""
    return lambda log: words in log.read_text(errors="replace")


class Process:
    """A part that was started."""

    def __init__(self, part: Part, log: Path) -> None:
        """Start it; its log begins anew, for nobody else to read."""
        self.name, self.log = part.name, log
        self._is_ready = part.is_ready
        log.unlink(missing_ok=True)
        log.touch(mode=0o600)
        with log.open("wb") as into:
            # In a session of its own: Ctrl-C is for who started the stack, which ends its parts in their order.
            self._process = subprocess.Popen(  # noqa: S603 - a command of ours
                part.command,
                env=part.environment,
                stdin=subprocess.DEVNULL,
                stdout=into,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.identity: Identity = identity_of(self._process.pid)

    def wait_until_ready(self, wanted: Callable[[], bool]) -> None:
        """Wait until it is ready, or nobody wants it any more.

        Raises:
            StackProblem: it has ended, or takes too long.
        """
        deadline = time.monotonic() + PATIENCE
        while wanted() and not self._is_ready(self.log):
            if self.has_ended():
                raise StackProblem(
                    f"{self.name} ended as it started ({self.ending}): {self.last_words()}; its log is {self.log}."
                )
            if time.monotonic() > deadline:
                raise StackProblem(f"{self.name} is not ready after {PATIENCE:.0f} s; its log is {self.log}.")
            time.sleep(LOOK_AGAIN)

    def has_ended(self) -> bool:
        """Tell whether it does not run any more."""
        return self.status is not None

    @property
    def status(self) -> int | None:
        """Its exit status, minus a signal's number where that ended it; None while it runs."""
        return self._process.poll()

    @property
    def ending(self) -> str:
        """How it ended: by which signal, or with which exit status."""
        status = self.status or 0
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"

    def last_words(self) -> str:
        """Give the last line of its log, which may have nothing to do with its end; without a full stop."""
        said = self.log.read_bytes()[-TAIL:].decode(errors="replace").split("\n")
        lines = [line.strip() for line in said if line.strip()]
        return lines[-1].removeprefix("Error: ").rstrip(" .") if lines else "it said nothing"

    def stop(self, longest: float = LONGEST_END) -> None:
        """Have it end what it is at, for so many seconds, and wait for it; what it started ends with it."""
        self._process.terminate()
        try:
            self._process.wait(longest)
        except subprocess.TimeoutExpired:
            self._process.kill()
        end_group(self.identity.pid)
        self._process.wait()


def end_group(leader: int) -> None:
    """End at once what is left of the processes that began with this one, which has ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
