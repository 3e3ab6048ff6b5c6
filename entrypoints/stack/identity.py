"""Whether a process is still the one that was meant: its id may have gone to another since."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

ZOMBIE = "Z"
START_TIME = 19
"""Where the start stands behind the name in /proc/<pid>/stat. Source: proc(5)."""


class Identity(NamedTuple):
    """A process by its id and by when it began, in words of the system's own."""

    pid: int
    began: str

    def lives(self) -> bool:
        """Tell whether this very process still runs."""
        return bool(self.began) and began(self.pid) == self.began

    def signal(self, number: int) -> None:
        """Send it a signal, unless it is gone."""
        if self.lives():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:  # just now
                return


def identity_of(pid: int) -> Identity:
    """Give the identity that the process has now."""
    return Identity(pid, began(pid))


def began(pid: int) -> str:
    """Tell when the process began; empty where there is none, or where it has ended and is only not buried yet."""
    if not Path("/proc/self/stat").exists():
        return _began_by_ps(pid)
    try:
        # The name, in parentheses, may itself hold spaces and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == ZOMBIE else fields[START_TIME]


def _began_by_ps(pid: int) -> str:
    """Ask as it goes on a Mac, which has no /proc."""
    command = ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()  # noqa: S603 - of our own making
    return "" if not told or told[0].startswith(ZOMBIE) else " ".join(told[1:])
