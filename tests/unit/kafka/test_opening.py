"""Opening the way to a broker takes no more than is left of the call's time."""

from dataclasses import replace
from itertools import count
from types import SimpleNamespace
from typing import NoReturn, cast

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError

from adapters.kafka import event_publisher
from adapters.kafka.cluster import Cluster
from adapters.kafka.event_publisher import GRACE, KafkaEventPublisher
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.ports.event_publisher import PublishFailed
from tests.contract.kafka_events import events_of

BUDGET = 5.0


@pytest.mark.parametrize(("each_look", "patience"), [(0.5, [5.0]), (1.5, [3.0]), (4.0, [])])
def test_a_call_that_waited_for_another_one_has_only_the_rest_of_its_time(
    monkeypatch: pytest.MonkeyPatch, each_look: float, patience: list[float]
) -> None:
    asked, clock = list[float](), count()

    def away(_cluster: Cluster, _seconds: float, patience: float) -> NoReturn:
        asked.append(patience)
        raise KafkaTimeoutError("nobody answers")

    monkeypatch.setattr(event_publisher, "make_producer", away)
    environment = replace(system_environment(), monotonic=lambda: each_look * next(clock))
    publisher = KafkaEventPublisher(Cluster("127.0.0.1:1", "topic"), JsonCodec(), environment, budget=BUDGET)

    with pytest.raises(PublishFailed):
        publisher.publish(events_of("s", 1))

    # The clock is looked at when the call begins, when it waits for its turn, and when it has it.
    assert asked == patience
    assert all(each <= BUDGET + GRACE - 2 * each_look for each in asked)


def test_a_producer_that_another_call_gives_up_just_now_is_used_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between finding the producer and handing it over, another thread may have replaced it."""

    class GivenUpMeanwhile(KafkaEventPublisher):
        looks = 0

        @property
        def _producer(self) -> KafkaProducer | None:
            self.looks += 1
            return None if self.looks > 1 else producer

        @_producer.setter
        def _producer(self, _given: object) -> None:
            """Keep none."""

    acknowledged = SimpleNamespace(get=lambda timeout: timeout)
    producer = cast("KafkaProducer", SimpleNamespace(send=lambda *_args, **_named: acknowledged))
    monkeypatch.setattr(event_publisher, "make_producer", lambda *_args: producer)
    publisher = GivenUpMeanwhile(Cluster("127.0.0.1:1", "topic"), JsonCodec(), system_environment())

    publisher.publish(events_of("s", 1))


def test_a_topic_that_nobody_knows_of_costs_a_call_its_time_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each `send` waits for the topic as long as a whole call may take."""
    clock = [0.0]

    def send(*_args: object, **_named: object) -> NoReturn:
        clock[0] += BUDGET
        raise KafkaTimeoutError("Failed to update metadata")

    monkeypatch.setattr(event_publisher, "make_producer", lambda *_args: SimpleNamespace(send=send))
    monkeypatch.setattr(event_publisher, "end_producer", lambda *_args: None)
    environment = replace(system_environment(), monotonic=lambda: clock[0])
    publisher = KafkaEventPublisher(Cluster("127.0.0.1:1", "topic"), JsonCodec(), environment, budget=BUDGET)
    events = [*events_of("a", 1), *events_of("b", 1)]

    with pytest.raises(PublishFailed, match="Failed to update metadata") as failed:
        publisher.publish(events)

    assert failed.value.unacknowledged == tuple(events)
    assert clock[0] <= BUDGET + GRACE
