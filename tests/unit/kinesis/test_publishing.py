"""Publishing into Kinesis ends within its budget, whoever else publishes at the same time."""

import threading
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from adapters.kinesis.event_publisher import KinesisEventPublisher
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.ports.environment import Environment
from core.ports.event_publisher import PublishFailed
from tests.contract.kafka_events import events_of

pytestmark = pytest.mark.memory

BUDGET = 5.0
TAKES = 2.0


class Time:
    """A clock that only what is waited for moves."""

    def __init__(self) -> None:
        """Begin at nought."""
        self.seconds = 0.0

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.seconds += seconds

    def environment(self) -> Environment:
        """Give an environment that keeps this time."""
        return replace(system_environment(), monotonic=lambda: self.seconds, sleep=self.wait, jitter=lambda most: most)


def publisher(put: Callable[[list[Any]], None], environment: Environment) -> KinesisEventPublisher:
    """Give one that puts its records so; those that are put are taken."""

    def put_records(*, StreamName: str, Records: list[Any]) -> Any:  # noqa: ANN401, N803 - as boto3 has it
        put(Records)
        return {"Records": [{} for _ in Records]}

    client = cast("Any", SimpleNamespace(put_records=put_records, meta=SimpleNamespace(region_name="eu-central-1")))
    return KinesisEventPublisher(client, "stream", "table", JsonCodec(), environment, BUDGET)


def test_one_call_does_not_wait_for_another() -> None:
    both = threading.Barrier(2)

    def put(_records: list[Any]) -> None:
        both.wait(5)

    publishing = publisher(put, system_environment())
    threads = [threading.Thread(target=publishing.publish, args=(events_of(stream, 1),)) for stream in ("a", "b")]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not both.broken


def test_a_call_whose_requests_take_long_ends_with_its_budget_and_names_the_rest() -> None:
    time, events = Time(), events_of("s", 10)
    publishing = publisher(lambda _records: time.wait(TAKES), time.environment())

    with pytest.raises(PublishFailed, match="took all the time") as failed:
        publishing.publish(events)

    assert failed.value.unacknowledged == tuple(events[3:])
    assert time.seconds < BUDGET + TAKES


def test_a_call_that_nobody_answers_ends_with_its_budget() -> None:
    time, events = Time(), events_of("s", 2)

    def put(_records: list[Any]) -> None:
        time.wait(TAKES)
        raise EndpointConnectionError(endpoint_url="http://nowhere")

    with pytest.raises(PublishFailed, match="EndpointConnectionError") as failed:
        publisher(put, time.environment()).publish(events)

    assert failed.value.unacknowledged == tuple(events)
    assert time.seconds < BUDGET + TAKES


def test_an_event_that_cannot_be_written_as_a_record_is_named_with_what_is_behind_it() -> None:
    """Whoever relays must not die of one event: half a surrogate pair is no UTF-8, and an emulator of DynamoDB may keep one."""
    put, (first, damaged, last) = list[Any](), events_of("s", 3)
    damaged = damaged._replace(data=b'{"product_id":"\xed\xa0\x80"}')
    other = events_of("t", 1)[0]

    with pytest.raises(PublishFailed, match="UnicodeDecodeError") as failed:
        publisher(put.extend, system_environment()).publish([first, damaged, other, last])

    assert failed.value.unacknowledged == (damaged, last)
    assert [each["PartitionKey"] for each in put] == ["s", "t"]
