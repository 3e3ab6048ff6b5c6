"""`ecshop serve`, with so many seconds for a body instead of 30.

Usage: python -m tests.support.hurried_shop SECONDS.
"""

import sys

import entrypoints.cli.shop
import entrypoints.http.bodies
from config.settings import load_settings


def main(seconds: float) -> None:
    """Serve until told to stop."""
    setattr(entrypoints.http.bodies, "LONGEST_BODY", seconds)  # noqa: B010 - it is a constant to everybody else
    entrypoints.cli.shop.run_shop(load_settings(port=0), demo=False)


if __name__ == "__main__":
    main(float(sys.argv[1]))
