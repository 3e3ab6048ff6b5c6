"""Where `ecshop` starts: before click is imported, which the extra `cli` brings."""

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command; without click, say how to install it. A signal ends it in a line; a shop that serves has its own way to end."""
    # First of all: what a command imports takes a second, and Python would answer Ctrl-C with a traceback from anywhere in there.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        from entrypoints.cli.main import main as ecshop
    except ModuleNotFoundError as error:
        # `entrypoints.cli.extras` says it with click.
        sys.stderr.write(
            f"Error: {error.name} is not installed here: in the project's folder, run pip install '.[cli]'.\n"
        )
        sys.exit(2)
    ecshop()


def _end(number: int, _frame: FrameType | None) -> None:
    """End as a shell counts an end by a signal."""
    # Not through sys.stderr, which raises where the signal found it at work.
    os.write(2, f"Stopped by {signal.Signals(number).name}.\n".encode())
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
