"""The line between a process of a real run and who started it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any


class Line:
    """The line to who started this process."""

    def __init__(self, connection: Connection) -> None:
        """Speak and hear on this."""
        self._connection = connection

    def say(self, told: object) -> None:
        """Say something, to whom it may concern."""
        with suppress(OSError):
            self._connection.send(told)

    def heard(self) -> Iterator[Any]:
        """Give what is said, until the line is cut."""
        with suppress(OSError, EOFError):
            while True:
                yield self._connection.recv()

    def when_cut(self, hear: Callable[[Any], object], then: Callable[[], object]) -> threading.Event:
        """Listen in a thread; the event says that nobody wants this process any more."""
        cut = threading.Event()

        def listen() -> None:
            for told in self.heard():
                hear(told)
            cut.set()
            then()

        threading.Thread(target=listen, daemon=True).start()
        return cut
