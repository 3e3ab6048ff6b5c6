"""A broker that hangs costs one command time in a while, not every one."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.system.environment import system_environment
from core.delivery.sparing import LONG, PAUSE, SparingPublisher
from core.ports.event_publisher import PublishFailed
from core.ports.events import RecordedEvent
from tests.contract.kafka_events import events_of

EVENTS = events_of("s", 2)


class Broker:
    """A broker that takes so many seconds a call, and acknowledges all but the last `refused` events."""

    def __init__(self) -> None:
        """Take everything, at once."""
        self.time = 0.0
        self.takes = 0.0
        self.refused = 0
        self.calls = 0
        self.spared = SparingPublisher(self, replace(system_environment(), monotonic=lambda: self.time))

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Take the time that it takes."""
        self.calls += 1
        self.time += self.takes
        if self.refused:
            raise PublishFailed(events[-self.refused :], "nobody answers")

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture
def broker() -> Broker:
    """Give one that works."""
    return Broker()


def fail(broker: Broker) -> PublishFailed:
    with pytest.raises(PublishFailed) as failed:
        broker.spared.publish(EVENTS)
    return failed.value


def test_after_one_call_that_waited_for_nothing_the_next_ones_fail_at_once(broker: Broker) -> None:
    broker.takes, broker.refused = LONG, 2
    assert fail(broker).reason == "nobody answers"

    failed = fail(broker)

    assert (failed.unacknowledged, broker.calls, broker.time) == (tuple(EVENTS), 1, LONG)
    assert "not tried" in failed.reason


def test_after_a_while_it_is_tried_again_and_goes_on(broker: Broker) -> None:
    broker.takes, broker.refused = LONG, 2
    fail(broker)
    broker.time += PAUSE
    broker.takes = broker.refused = 0

    broker.spared.publish(EVENTS)
    broker.spared.publish(EVENTS)

    assert broker.calls == 3


@pytest.mark.parametrize(("takes", "refused"), [(0.0, 2), (LONG, 1)])
def test_a_broker_that_refuses_at_once_or_takes_a_part_is_asked_each_time(
    broker: Broker, takes: float, refused: int
) -> None:
    broker.takes, broker.refused = takes, refused
    fail(broker)
    fail(broker)

    assert broker.calls == 2
