"""Publishing into Kinesis: what is refused is sent again in its order, and what is written is read as the table's own changes are."""

import json

import pytest

from adapters.kinesis.event_publisher import MOST_RECORDS, KinesisEventPublisher
from core.ports.event_publisher import PublishFailed
from tests.contract.kafka_events import drained, events_of, places, places_of
from tests.contract.kinesis_harness import KinesisFeeds
from tests.support.faulty_proxy import lose_answer, lose_request, refuse

pytestmark = pytest.mark.kinesis

LONG = 60.0
"""Seconds: how busy the machine is must not decide a test."""


@pytest.fixture
def publisher(kinesis: KinesisFeeds) -> KinesisEventPublisher:
    """Give one that goes on trying."""
    return kinesis.publisher(LONG)


def test_what_is_refused_for_a_while_is_sent_again_and_nothing_of_its_stream_overtakes_it(
    kinesis: KinesisFeeds, publisher: KinesisEventPublisher
) -> None:
    a, b = events_of("a", 4), events_of("b", 4)
    kinesis.proxy.refuse(a[1].id, times=2)
    kinesis.proxy.refuse(b[0].id, times=1)

    publisher.publish([*a, *b])

    taken = places(drained(kinesis.worker()))
    for stream in ("a", "b"):
        assert [version for name, version in taken if name == stream] == [1, 2, 3, 4]


def test_a_request_that_is_lost_is_sent_again_and_so_is_one_whose_answer_is(
    kinesis: KinesisFeeds, publisher: KinesisEventPublisher
) -> None:
    events = events_of("s", 3)
    kinesis.proxy.on(("PutRecords",), lose_request, lose_answer)

    publisher.publish(events)

    taken = places(drained(kinesis.worker()))
    assert set(taken) == places_of(events)
    assert list(dict.fromkeys(taken)) == [("s", 1), ("s", 2), ("s", 3)]  # what comes twice comes before the next
    assert len(taken) == 4


def test_what_no_repeat_would_change_is_told_at_once(kinesis: KinesisFeeds, publisher: KinesisEventPublisher) -> None:
    events = events_of("s", 2)
    kinesis.proxy.on(("PutRecords",), refuse("ResourceNotFoundException"))

    with pytest.raises(PublishFailed, match="ResourceNotFoundException") as failed:
        publisher.publish(events)

    assert failed.value.unacknowledged == tuple(events)
    assert kinesis.proxy.operations().count("PutRecords") == 1


def test_one_request_has_one_event_of_a_stream_and_no_more_than_the_service_takes(
    kinesis: KinesisFeeds, publisher: KinesisEventPublisher
) -> None:
    events = [event for number in range(MOST_RECORDS + 20) for event in events_of(f"stream-{number}", 1)]
    publisher.publish([*events, *events_of("stream-0", 1, at_version=1)])

    requests = [[record["PartitionKey"] for record in body["Records"]] for body in kinesis.proxy.bodies("PutRecords")]
    assert [len(keys) for keys in requests] == [MOST_RECORDS, 21]
    assert all(len(set(keys)) == len(keys) for keys in requests)


def test_a_record_is_that_of_the_table_s_own_change_feed(
    kinesis: KinesisFeeds, publisher: KinesisEventPublisher
) -> None:
    (event,) = events_of("s", 1)
    publisher.publish([event])

    (shard,) = (shard for shard in kinesis.shards() if kinesis.records_of(shard))
    record = json.loads(kinesis.records_of(shard)[0])
    assert record.keys() == {
        "awsRegion", "eventID", "eventName", "userIdentity", "recordFormat", "tableName", "dynamodb", "eventSource",
    }  # fmt: skip
    assert (record["eventName"], record["tableName"]) == ("INSERT", kinesis.names.events)
    assert record["dynamodb"]["Keys"] == {"aggregate_id": {"S": "s"}, "version": {"N": "1"}}
    assert record["dynamodb"]["NewImage"]["id"] == {"S": event.id}
    assert record["dynamodb"]["ApproximateCreationDateTime"] == int(event.created_at.timestamp() * 1000)
