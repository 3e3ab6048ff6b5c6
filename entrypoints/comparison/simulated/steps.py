"""Ports as a simulated process sees them: each call is a step."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from entrypoints.comparison.simulated.scheduler import Scheduler


class Stepped:
    """A port each of whose calls hands control back first, and is counted as `<port>.<method>` in `requests`.

    What is left at the end of a `with`, a transaction or a turn, is a port itself, and leaving it is a call.
    """

    def __init__(self, name: str, port: object, scheduler: Scheduler, requests: Counter[str]) -> None:
        """Stand before `port`."""
        self._name = name
        self._port = port
        self._scheduler = scheduler
        self._requests = requests

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the port has under that name
        """Make the call once, and keep it."""
        found, step, requests = getattr(self._port, name), self._scheduler.step, self._requests
        if not callable(found):
            return found
        counted = f"{self._name}.{name}"

        def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401
            step()
            requests[counted] += 1
            given = found(*args, **named)
            return self._left(counted, given) if isinstance(given, AbstractContextManager) else given

        setattr(self, name, call)
        return call

    @contextmanager
    def _left(self, name: str, context: AbstractContextManager[object]) -> Iterator["Stepped"]:
        with context as given:
            yield Stepped(name, given, self._scheduler, self._requests)
            self._scheduler.step()
