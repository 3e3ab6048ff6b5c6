"""Committed events on their way to a broker, where a design has somebody publish them."""

from collections.abc import Sequence
from typing import Protocol

from core.ports.events import RecordedEvent


class PublishFailed(Exception):
    """Some events were not acknowledged, for `reason`. Not acknowledged is not "not written": publishing them again may repeat them."""

    def __init__(self, unacknowledged: Sequence[RecordedEvent], reason: str) -> None:
        """Keep which events they are, in the order they were given."""
        super().__init__(f"{len(unacknowledged)} events were not acknowledged: {reason}")
        self.unacknowledged = tuple(unacknowledged)
        self.reason = reason


class EventPublisher(Protocol):
    """One way into a topic; any number of threads may share it.

    What must never leave the store (`core.domain.REDACTED`, an e-mail in the metadata) is left out.
    """

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Hand events over, once each; when this returns, the broker has acknowledged every one of them.

        Events of one stream that are acknowledged are delivered in the order given, where the transport keeps an order at all. It ends
        within a bounded time, and a call that failed does not harm the next.

        Raises:
            PublishFailed: naming those that were not acknowledged; all others were.
        """

    def close(self) -> None:
        """Give the connections back. Closing twice is closing once."""
