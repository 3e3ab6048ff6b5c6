"""One connection that hears of commits: the only thing that needs a session of its own."""

from contextlib import suppress

import psycopg

from adapters.postgres.connections import UNLESS_SILENT
from core.ports.environment import Environment


class Listener:
    """Waits for a notice. A connection that is lost is made again; while there is none, waiting is all it does."""

    def __init__(self, url: str, environment: Environment) -> None:
        """Connect when it is first needed."""
        self._url = url
        self._environment = environment
        self._connection: psycopg.Connection | None = None

    def listen(self) -> None:
        """Hear of every commit from now on."""
        if self._connection is None:
            with suppress(psycopg.Error):
                connection = psycopg.connect(
                    self._url, autocommit=True, application_name="ecshop listening", connect_timeout=5, **UNLESS_SILENT
                )
                self._connection = connection
                connection.execute("LISTEN shop_events")

    def wait(self, seconds: float) -> None:
        """Return when a commit was heard of since `listen`, or so many seconds are over."""
        if self._connection is None:
            self._environment.sleep(seconds)
            return
        try:
            for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.Error:
            self.close()

    def close(self) -> None:
        """Hear nothing more."""
        connection, self._connection = self._connection, None
        if connection:
            connection.close()
