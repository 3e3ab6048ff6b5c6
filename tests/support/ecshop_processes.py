"""`ecshop` as processes that tests kill, freeze and start again."""

import os
import re
import signal
import subprocess
from pathlib import Path

from tests.support.running_shop import ECSHOP, PATIENCE, environment
from tests.support.waiting import wait_until

STARTED = ("EC Shop is at", "Working:")


class EcshopProcess:
    """One command of a shop, with its settings; started again, it writes on in the same files."""

    def __init__(self, folder: Path, *command: str, **settings: str) -> None:
        """Keep what it says in files of this folder."""
        name = "-".join(command).replace("/", "")
        self.output, self.log = folder / f"{name}.output", folder / f"{name}.log"
        self._command = (ECSHOP, *command)
        self._settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it says that it is there."""
        before = self._said()
        with self.output.open("ab") as output, self.log.open("ab") as log:
            self.process = process = subprocess.Popen(
                self._command, env=environment(**self._settings), stdin=subprocess.DEVNULL, stdout=output, stderr=log
            )
        wait_until(lambda: process.poll() is not None or self._said() > before, PATIENCE)
        assert process.poll() is None, self.log.read_text()[-2_000:]

    def _said(self) -> int:
        return sum(self.output.read_text().count(line) for line in STARTED) if self.output.exists() else 0

    def address(self) -> str:
        """Tell where a shop that is served can be asked."""
        found = re.findall(r"EC Shop is at (\S+)", self.output.read_text())
        return str(found[-1]).replace("localhost", "127.0.0.1")

    def kill(self) -> None:
        """End it with SIGKILL."""
        assert self.process
        self.process.kill()
        self.process.wait(60)

    def stop(self) -> None:
        """End it as an operator does."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(60) == 0, self.log.read_text()[-2_000:]

    def freeze(self) -> None:
        """Hold it, in the middle of whatever it is at."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)
        status = Path(f"/proc/{self.process.pid}/stat")
        wait_until(lambda: status.read_text().rpartition(")")[2].split()[0] == "T")

    def thaw(self) -> None:
        """Let it go on."""
        assert self.process
        os.kill(self.process.pid, signal.SIGCONT)
