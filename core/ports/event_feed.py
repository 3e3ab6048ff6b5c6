"""Committed events on their way to consumers."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from core.ports.events import RecordedEvent


class FeedUnavailable(Exception):
    """The feed cannot be reached now; nothing is lost. It is `lag_seconds` behind at least, as far as that is known without it."""

    def __init__(self, reason: str = "", lag_seconds: float = 0.0) -> None:
        """Keep what is known of the lag."""
        super().__init__(reason)
        self.lag_seconds = lag_seconds


class Doorbell(NamedTuple):
    """Word that `stream` has an event at `version`. `event` is what came with it, None where that cannot be read.

    `position` says where in the feed it came from, for people.
    """

    stream: str
    version: int
    event: RecordedEvent | None
    position: str


class Unreadable(NamedTuple):
    """A record whose stream and version cannot be read, so that nobody can tell what it announced."""

    position: str
    reason: str


Delivery = Doorbell | Unreadable


class EventFeed(Protocol):
    """One consumer's view of the change feed.

    Every event committed after the feed began is delivered at least once, in any order, any number of times, after any time. One thread
    polls and acknowledges.
    """

    def poll(self, limit: int, timeout: float = 0.0) -> Sequence[Delivery]:
        """Give up to `limit` deliveries, waiting up to `timeout` seconds for the first; nothing where none came.

        What was delivered and not acknowledged is delivered again.

        Raises:
            FeedUnavailable: it was not reached.
        """

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Take these as dealt with. They are not delivered again but where the feed itself repeats.

        Raises:
            FeedUnavailable: it was not reached; they will come again.
        """

    def lag_seconds(self) -> float:
        """Tell the age of the oldest event that is not acknowledged, in seconds; 0 where there is none. Any thread may ask.

        Raises:
            FeedUnavailable: it was not reached, and carries what is known of the age.
        """

    def hindrance(self) -> str:
        """Name who keeps committed events from being delivered, for people; empty where nobody does. Any thread may ask.

        Raises:
            FeedUnavailable: it was not reached.
        """
