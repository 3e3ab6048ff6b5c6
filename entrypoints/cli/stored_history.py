"""The events of one aggregate, straight from the DynamoDB of the settings."""

from collections.abc import Iterator
from contextlib import contextmanager

from config.dynamodb import StoreProblem, open_history
from config.settings import Settings
from core.application.history import StreamNotFound
from core.ports.event_store import StoreError
from core.ports.events import Undecodable
from core.ports.views import EventView, StateView
from entrypoints.cli.refusal import Refused

PAGE = 1000


class StoredHistory:
    """Reads the store itself; no shop needs to run."""

    def __init__(self, settings: Settings) -> None:
        """Open the store that the settings name.

        Raises:
            Refused: it cannot be used, as `open_history` says.
        """
        with _refusals():
            self._history = open_history(settings)

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
    except (StoreProblem, StreamNotFound, StoreError) as error:
        raise Refused(str(error)) from None
    except Undecodable as error:
        raise Refused(f"An event up to there is not what its type says: {error}.") from None
