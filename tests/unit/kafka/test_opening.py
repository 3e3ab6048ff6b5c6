"""Opening the way to a broker takes no more than is left of the call's time."""

from dataclasses import replace
from itertools import count
from typing import NoReturn

import pytest
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
