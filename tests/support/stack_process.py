"""`ecshop stack up` as a process of its own, on a folder that tests share between its starts."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

from entrypoints.stack.identity import Identity, identity_of
from tests.support.running_shop import ECSHOP, PATIENCE, environment
from tests.support.waiting import wait_until

FREE = dict.fromkeys(("PORT", "STACK_AWS_PORT", "STACK_SMTP_PORT", "STACK_MAILS_PORT"), "0")


class RunningStack:
    """A stack that was started, with what it said."""

    def __init__(self, folder: Path, *options: str, until: str = "Ctrl-C stops it.", **settings: str) -> None:
        """Start it with these options on free ports, and wait until it says these words."""
        self.settings = {"DATA_DIR": str(folder), **FREE, **settings}
        self._folder, self._output = folder / "stack", folder / "output"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                (ECSHOP, "stack", "up", *options),
                env=environment(**self.settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
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
        return self._output.read_text()

    def found(self, pattern: str) -> str:
        """Give what it printed at this place."""
        found = re.search(pattern, self.said())
        assert found, self.said()
        return str(found[1])

    def exports(self) -> dict[str, str]:
        """Give what a shell would read for commands on it."""
        lines = (self._folder / "env").read_text().splitlines()
        pairs = [line.removeprefix("export ").partition("=") for line in lines]
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
