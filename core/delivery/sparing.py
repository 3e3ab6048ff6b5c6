"""A circuit breaker for who should not wait: a broker that has just cost time in vain is left alone for a while."""

from collections.abc import Sequence

from core.ports.environment import Environment
from core.ports.event_publisher import EventPublisher, PublishFailed
from core.ports.events import RecordedEvent

LONG = 1.0
"""Seconds from which on a call that failed was a burden; a broker that refuses at once is none."""

PAUSE = 5.0
"""Seconds in which nothing is tried after that. A broker that comes back meanwhile is not noticed for so long."""


class SparingPublisher:
    """Passes events on to a publisher. Of one that hangs, a command in a while learns; those between fail at once."""

    def __init__(self, publisher: EventPublisher, environment: Environment) -> None:
        """Publish by this one; any number of threads may share it, where they may share that one."""
        self._publisher = publisher
        self._environment = environment
        self._spared_until = float("-inf")

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Hand them over, unless a call has just been waiting for nothing."""
        began = self._environment.monotonic()
        if began < self._spared_until:
            raise PublishFailed(events, f"it is not tried for {PAUSE:g} s after it took long and failed")
        try:
            self._publisher.publish(events)
        except PublishFailed as failed:
            ended = self._environment.monotonic()
            if ended - began >= LONG and len(failed.unacknowledged) == len(events):
                self._spared_until = ended + PAUSE
            raise

    def close(self) -> None:
        """Do nothing: who made the publisher closes it."""
