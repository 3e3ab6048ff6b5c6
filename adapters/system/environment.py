"""The real environment: what `core.ports.environment` asks for, from the operating system."""

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import uuid_utils

from adapters.system.locks import KeyedLocks
from core.ports.environment import Environment


def no_failpoint(_name: str) -> None:
    """Do nothing: no crash is wanted."""


def system_environment(failpoint: Callable[[str], None] = no_failpoint) -> Environment:
    """Give a new environment; its locks and its waiting are shared by whoever shares the object."""
    changed = threading.Condition()

    def wait(ready: Callable[[], bool], seconds: float) -> bool:
        with changed:
            return changed.wait_for(ready, seconds)

    def wake() -> None:
        with changed:
            changed.notify_all()

    return Environment(
        now=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        new_id=lambda: str(uuid_utils.uuid7()),
        sleep=time.sleep,
        jitter=lambda most: random.uniform(0, most),  # noqa: S311 - spreads retries, keeps no secret
        locked=KeyedLocks().locked,
        wait=wait,
        wake=wake,
        failpoint=failpoint,
    )
