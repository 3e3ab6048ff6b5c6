"""What stands in the topic, and what is made of anything that may stand there."""

import json

import pytest

from adapters.kafka.messages import message
from adapters.serialization.codec import JsonCodec
from adapters.serialization.event_json import event_json, event_of_json
from core.ports.event_feed import Doorbell, Unreadable
from core.ports.events import RecordedEvent, Undecodable
from tests.contract.kafka_events import events_of
from tests.contract.kafka_harness import Topic

pytestmark = pytest.mark.kafka


@pytest.fixture
def event() -> RecordedEvent:
    """Give one as a store records it."""
    return events_of("inventory-茶", 1)[0]


def test_a_message_has_the_stream_as_key_the_event_as_json_and_says_in_headers_which_it_is(
    topic: Topic, event: RecordedEvent
) -> None:
    topic.publisher().publish([event])

    (found,) = topic.messages()
    assert found.key.decode() == "inventory-茶"
    assert {name: value.decode() for name, value in found.headers} == {
        "version": "1",
        "event_id": event.id,
        "event_type": "StockAdded",
        "correlation_id": "a-request",
    }
    value = json.loads(found.value)
    assert (value["id"], value["stream"], value["version"]) == (event.id, "inventory-茶", 1)
    assert value["data"]["quantity"] == 1
    assert value["metadata"]["actor"] == "an-actor"


def test_an_event_is_read_back_byte_by_byte(event: RecordedEvent) -> None:
    odd = event._replace(data=b'{"b": 1,\n "a": 2.50}')

    assert event_of_json(event_json(odd, JsonCodec()), JsonCodec()) == odd


@pytest.mark.parametrize("value", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"id":"x"'])
def test_what_is_no_event_in_json_is_undecodable(value: bytes) -> None:
    with pytest.raises(Undecodable):
        event_of_json(value, JsonCodec())


@pytest.mark.parametrize(
    ("name", "broken"), [("created_at", "soon"), ("created_at", "0001-01-01T00:00:00+14:00"), ("version", "1")]
)
def test_an_event_with_a_damaged_part_is_undecodable(event: RecordedEvent, name: str, broken: str) -> None:
    value = json.loads(event_json(event, JsonCodec())) | {name: broken}

    with pytest.raises(Undecodable):
        event_of_json(json.dumps(value).encode(), JsonCodec())


def test_data_that_is_no_json_still_rings_for_its_stream(topic: Topic, event: RecordedEvent) -> None:
    topic.publisher().publish([event._replace(data=b"{no json")])

    (doorbell,) = topic.worker().poll(10)
    assert isinstance(doorbell, Doorbell)
    assert (doorbell.stream, doorbell.version, doorbell.event) == (event.stream, 1, None)


@pytest.mark.parametrize("value", [None, b"", b"no json", b"{}"])
def test_a_value_that_cannot_be_read_is_still_a_doorbell(topic: Topic, value: bytes | None) -> None:
    topic.put(b"s", value, [("version", b"7")], partition=1)

    assert topic.worker().poll(10) == [Doorbell("s", 7, None, "1:0")]


def test_the_event_of_another_stream_or_version_is_not_taken_for_that_of_the_doorbell(
    topic: Topic, event: RecordedEvent
) -> None:
    value = message(event, JsonCodec()).value
    topic.put(b"another", value, [("version", b"1")], partition=0)
    topic.put(event.stream.encode(), value, [("version", b"2")], partition=0)

    rung = [(each.stream, each.version, each.event) for each in topic.worker().poll(10) if isinstance(each, Doorbell)]
    assert rung == [("another", 1, None), (event.stream, 2, None)]


def test_what_has_no_key_and_version_of_an_event_is_unreadable_and_says_where_it_is(topic: Topic) -> None:
    version = [("version", b"1")]
    for key, headers in (
        (None, version),
        (b"", version),
        (b"\xff", version),
        (b"a\0b", version),
        (b"x" * 2049, version),
        (b"s", []),
        *(
            (b"s", [("version", text)])
            for text in (b"", b"0", b"-1", b"1.5", b"1" * 19, b"one", b"\xff", "１".encode())
        ),
    ):
        topic.put(key, b"{}", headers, partition=0)

    deliveries = topic.worker().poll(100)

    assert [type(each) for each in deliveries] == [Unreadable] * 14
    assert [each.position for each in deliveries] == [f"0:{offset}" for offset in range(14)]
