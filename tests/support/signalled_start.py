"""The `ecshop` command, and a signal that comes to it in the middle of its start.

Usage: python -m tests.support.signalled_start SIGNAL MODULE ARGUMENT.... The signal comes when MODULE is about to be imported.
"""

import os
import signal
import sys
from collections.abc import Sequence
from types import ModuleType


class Signalling:
    """Stands first among the finders, and knows of no module: it only sees what is imported."""

    def __init__(self, number: signal.Signals, module: str) -> None:
        """Send this signal at that module."""
        self._number = number
        self._module = module

    def find_spec(self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None) -> None:
        """Send the signal if this is the module."""
        if name == self._module:
            os.kill(os.getpid(), self._number)


if __name__ == "__main__":
    number, module, *arguments = sys.argv[1:]
    sys.meta_path.insert(0, Signalling(signal.Signals[number], module))
    sys.argv = ["ecshop", *arguments]
    from entrypoints.cli.__main__ import main

    main()
