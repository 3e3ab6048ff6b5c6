"""`ecshop stack up` as a process of its own, on a folder that tests share between its starts."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from entrypoints.stack.identity import Identity, identity_of
from tests.support.running_shop import ECSHOP, PATIENCE, environment
from tests.support.waiting import wait_until

FREE = dict.fromkeys(("PORT", "STACK_AWS_PORT", "STACK_SMTP_PORT", "STACK_MAILS_PORT"), "0")


READY = "Ctrl-C stops it."
"""What it says last when it is up."""

IN_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(1, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Runs its arguments as what a terminal was opened for: they are told when it is closed."""


class RunningStack:
    """A stack that was started, with what it said."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        until: str = READY,
        ends: tuple[int, int] | None = None,
        **settings: str,
    ) -> None:
        """Start it with these options on free ports, and wait until it says these words.

        `ends` are those of a terminal or a pipe, the one to read from first, for what it says.
        """
        self.settings = {"DATA_DIR": str(folder), **FREE, **settings}
        self._folder, self._output = folder / "stack", folder / "output"
        self._reader: int | None = ends and ends[0]
        writer = ends[1] if ends else os.open(self._output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        if self._reader is not None:
            os.set_blocking(self._reader, False)
        terminal = (sys.executable, "-c", IN_TERMINAL) if os.isatty(writer) else ()
        self.process = subprocess.Popen(
            (*terminal, ECSHOP, "stack", "up", *options),
            env=environment(**self.settings),
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=writer,
            start_new_session=True,
        )
        os.close(writer)
        wait_until(lambda: until in self.said() or self.process.poll() is not None, PATIENCE)
        assert self.process.poll() is None, self.said()
        self.parts: dict[str, Identity] = {}
        self.look()

    def look(self) -> None:
        """See of which processes it is."""
        record = json.loads((self._folder / "running.json").read_text())
        self.parts |= {name: Identity(*identity) for name, identity in record["parts"]}
        database = (self._folder / "postgres" / "data" / "postmaster.pid").read_text().split()
        self.parts["postgres"] = identity_of(int(database[0]))

    def said(self) -> str:
        """Give what it printed."""
        if self._reader is not None:
            with self._output.open("ab") as output, suppress(OSError):  # there is no more for now, or at all
                while data := os.read(self._reader, 4096):
                    output.write(data)
        return self._output.read_text()

    def hang_up(self) -> None:
        """Close the end that what it says is read from."""
        assert self._reader is not None
        os.close(self._reader)
        self._reader = None

    def found(self, pattern: str) -> str:
        """Give what it printed at this place."""
        found = re.search(pattern, self.said())
        assert found, self.said()
        return str(found[1])

    def exports(self) -> dict[str, str]:
        """Give what a shell would read for commands on it."""
        lines = (self._folder / "env").read_text().splitlines()
        pairs = [line.removeprefix("export ").partition("=") for line in lines if line.startswith("export ")]
        return {name: value.strip("'") for name, _, value in pairs}

    def ctrl_c(self) -> None:
        """Do as a terminal does: it sends the signal to all that began with the command."""
        os.killpg(self.process.pid, signal.SIGINT)

    def ended(self, seconds: float = 120.0) -> int:
        """Wait for its end, and give its exit status."""
        return self.process.wait(seconds)

    def leftovers(self) -> list[str]:
        """Name what still runs of it."""
        return [name for name, identity in self.parts.items() if identity.lives()]
