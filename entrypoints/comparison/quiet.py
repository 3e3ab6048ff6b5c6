"""Silence for those who run thousands of shops."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_alarms() -> Iterator[None]:
    """Have the shop's own warnings keep silent: thousands of simulated shops raise them, and they are counted."""
    level = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(level)
