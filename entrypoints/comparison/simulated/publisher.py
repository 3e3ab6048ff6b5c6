"""A way into a broker, as badly as it may behave."""

from collections.abc import Callable, Sequence

from core.ports.event_publisher import EventPublisher, PublishFailed
from core.ports.events import RecordedEvent
from entrypoints.comparison.faults import Faults
from entrypoints.comparison.simulated.outages import Outages
from entrypoints.comparison.simulated.scheduler import Scheduler
from entrypoints.comparison.words import named

LATE = 1.5
"""Longest time, in seconds, that a publish is held up, so that another overtakes it."""


class FaultyPublisher:
    """A way into a broker that fails, loses acknowledgements, is overtaken, or is away."""

    def __init__(
        self,
        publisher: EventPublisher,
        faults: Faults,
        outages: Outages,
        scheduler: Scheduler,
        tell: Callable[[str, str], None],
    ) -> None:
        """Stand before `publisher`; `tell` is told what the broker takes."""
        self._tell = tell
        self._publisher = publisher
        self._faults = faults
        self._outages = outages
        self._scheduler = scheduler

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Publish each, unless a fault of its own strikes it."""
        failed: list[RecordedEvent] = []
        if self._faults.strikes("publish.overtake"):
            self._scheduler.sleep(self._faults.part("publish.overtake") * LATE)
        for event in events:
            if self._outages.away("broker") or self._faults.strikes("publish.fail"):
                failed.append(event)
                continue
            self._publisher.publish([event])
            self._tell("broker", f"{event.type} of {named(event.stream)} is taken")
            if self._faults.strikes("publish.ack_lost"):
                failed.append(event)
        if failed:
            raise PublishFailed(failed, "the broker did not acknowledge")

    def close(self) -> None:
        """Close what is behind."""
        self._publisher.close()
