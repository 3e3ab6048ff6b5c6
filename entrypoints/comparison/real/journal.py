"""What a process noted before it was killed: lines of JSON, each in the file as soon as it is noted."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SUFFIX = ".journal"


class Journal:
    """The notes of one process and of those that came before it under its name.

    A line is one write to the system, which keeps it whatever becomes of the process; nothing is synced, as no machine fails here.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Go on with the file of this name."""
        self._file = os.open(folder / f"{name}{SUFFIX}", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, kind: str, *values: object) -> None:
        """Write one line: the kind, the time in seconds since 1970, the values."""
        os.write(self._file, f"{json.dumps([kind, time.time(), *values])}\n".encode())

    def close(self) -> None:
        """Write nothing more."""
        os.close(self._file)


def noted(folder: Path, name: str, kind: str) -> Iterator[list[Any]]:
    """Give the values of each note of this kind, in order; of nobody's journal, nothing."""
    return (values for _at, values in timed(folder, name, kind))


def timed(folder: Path, name: str, kind: str) -> Iterator[tuple[float, list[Any]]]:
    """Give each note of this kind with its time, in seconds since 1970."""
    path = folder / f"{name}{SUFFIX}"
    if path.exists():
        for line in path.read_text().splitlines():
            found, at, *values = json.loads(line)
            if found == kind:
                yield at, values


def names(folder: Path) -> list[str]:
    """Name everybody who noted something."""
    return sorted(path.stem for path in folder.glob(f"*{SUFFIX}"))
