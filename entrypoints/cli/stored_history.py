"""The events of one aggregate, straight from a store."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.application.history import History, StreamNotFound
from core.ports.event_store import StoreError
from core.ports.events import Undecodable
from core.ports.views import EventView, StateView
from entrypoints.cli.refusal import Refused

PAGE = 1000


class StoredHistory:
    """Reads the store itself; no shop needs to run."""

    def __init__(self, history: History) -> None:
        """Read this one."""
        self._history = history

    def events(self, stream: str) -> Iterator[EventView]:
        """Give all events, ascending.

        Raises:
            Refused: there is no such stream, or the store cannot give it.
        """
        behind = 0
        with _refusals():
            while page := self._history.events(stream, behind, PAGE):
                yield from page
                behind = page[-1].version

    def state(self, stream: str, version: int) -> StateView:
        """Give the state after that many events.

        Raises:
            Refused: as `events`; or an event cannot be read.
        """
        with _refusals():
            return self._history.state(stream, version=version)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (StreamNotFound, StoreError) as error:
        raise Refused(str(error)) from None
    except Undecodable as error:
        raise Refused(f"An event up to there is not what its type says: {error}.") from None
