"""Time that a test owns."""

import threading
from dataclasses import replace

from core.ports.environment import Environment

BUDGET = 1.0
"""Seconds that only pauses use up: 6 tries."""


class Pauses:
    """Time that nothing but sleeping spends, so that a busy machine neither shortens a budget nor lengthens a test."""

    def __init__(self) -> None:
        """Start at 0."""
        self._guard = threading.Lock()
        self.seconds = 0.0

    def sleep(self, seconds: float) -> None:
        """Let so much time pass at once."""
        with self._guard:
            self.seconds += seconds

    def within(self, environment: Environment) -> Environment:
        """Give the environment with this time, and with pauses that are never shortened by chance."""
        return replace(environment, monotonic=lambda: self.seconds, sleep=self.sleep, jitter=lambda most: most)
