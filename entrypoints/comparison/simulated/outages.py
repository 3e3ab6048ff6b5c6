"""Who is away until when."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from core.ports.projection_store import ProjectionUnavailable
from entrypoints.comparison.simulated.scheduler import Scheduler


class Outages:
    """Who is away until when."""

    def __init__(self, scheduler: Scheduler) -> None:
        """Start with everything there."""
        self._scheduler = scheduler
        self._until: dict[str, float] = {}

    def begin(self, what: str, seconds: float) -> None:
        """Have something be away."""
        self._until[what] = max(self._until.get(what, 0.0), self._scheduler.seconds + seconds)

    def away(self, what: str) -> bool:
        """Tell whether it is."""
        return bool(self._until) and self._until.get(what, 0.0) > self._scheduler.seconds

    def end(self) -> None:
        """Have everything back."""
        self._until.clear()


class AwayNowAndThen:
    """A part of the read side whose database may be away."""

    def __init__(self, port: object, outages: Outages, error: type[Exception] = ProjectionUnavailable) -> None:
        """Stand before `port`; `error` is what it raises while it is away."""
        self._port = port
        self._outages = outages
        self._error = error

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Make the call once, and keep it."""
        method, outages = getattr(self._port, name), self._outages

        def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401
            if outages.away("database"):
                raise self._error("the database is away")
            given = method(*args, **named)
            return self._until_left(given) if isinstance(given, AbstractContextManager) else given

        setattr(self, name, call)
        return call

    @contextmanager
    def _until_left(self, context: AbstractContextManager[Any]) -> Iterator[Any]:
        """Have a transaction that is open when the database goes away fail, instead of committing."""
        with context as given:
            yield given
            if self._outages.away("database"):
                raise self._error("the database went away in the middle of a transaction")
