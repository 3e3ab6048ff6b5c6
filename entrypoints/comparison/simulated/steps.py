"""Ports as a simulated process sees them: each call is a step."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from entrypoints.comparison.simulated.scheduler import Scheduler


class Stepped:
    """A port each of whose calls hands control back first, and is counted as `<port>.<method>` in `requests`."""

    def __init__(self, name: str, port: object, scheduler: Scheduler, requests: Counter[str]) -> None:
        """Stand before `port`."""
        self._name = name
        self._port = port
        self._scheduler = scheduler
        self._requests = requests

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Make the call once, and keep it."""
        method, step, requests = getattr(self._port, name), self._scheduler.step, self._requests
        counted = f"{self._name}.{name}"

        def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401
            step()
            requests[counted] += 1
            return method(*args, **named)

        setattr(self, name, call)
        return call
