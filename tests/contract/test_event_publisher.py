"""What every publisher owes, as `core.ports.event_publisher` says it."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import record
from core.ports.event_feed import Doorbell, EventFeed
from core.ports.event_publisher import PublishFailed
from core.ports.events import RecordedEvent
from tests.contract.publisher_harness import PublisherHarness
from tests.support.commits import METADATA, append, commit_of, stock_added


def events_of(stream: str, count: int, at_version: int = 0) -> list[RecordedEvent]:
    """Give the next events of a stream, as a store records them."""
    added = [stock_added(number + 1) for number in range(count)]
    (events,) = record(JsonCodec(), commit_of(append(stream, at_version, *added)))
    return events


def in_turn(*streams: Sequence[RecordedEvent]) -> list[RecordedEvent]:
    """Give the first event of each, then the second of each, and so on."""
    return [event for together in zip(*streams, strict=True) for event in together]


def taken_from(feed: EventFeed) -> list[RecordedEvent]:
    """Take all that there is."""
    found: list[RecordedEvent] = []
    while deliveries := feed.poll(100):
        for delivery in deliveries:
            assert isinstance(delivery, Doorbell)
            assert delivery.event is not None
            found.append(delivery.event)
        feed.acknowledge(deliveries)
    return found


def ids(events: Iterable[RecordedEvent]) -> set[str]:
    """Name events."""
    return {event.id for event in events}


def test_what_is_acknowledged_is_delivered_as_it_was_recorded(publishers: PublisherHarness) -> None:
    events = events_of("s", 3)

    publishers.publisher.publish(events)

    assert sorted(taken_from(publishers.feed()), key=lambda event: event.version) == events


def test_a_feed_that_reads_already_gets_what_is_published(publishers: PublisherHarness) -> None:
    feed = publishers.feed()
    assert feed.poll(10) == []
    events = events_of("s", 2)
    publishers.publisher.publish(events)

    assert ids(taken_from(feed)) == ids(events)


def test_publishing_nothing_is_done_at_once(publishers: PublisherHarness) -> None:
    publishers.publisher.publish([])

    assert taken_from(publishers.feed()) == []


def test_what_is_published_again_is_delivered_at_least_once(publishers: PublisherHarness) -> None:
    events = events_of("s", 2)
    publishers.publisher.publish(events)
    publishers.publisher.publish(events)

    assert ids(taken_from(publishers.feed())) == ids(events)


def test_events_of_one_stream_are_delivered_in_the_order_given(publishers: PublisherHarness) -> None:
    streams = {f"stream-{number}": events_of(f"stream-{number}", 20) for number in range(5)}
    publishers.publisher.publish(in_turn(*streams.values()))

    taken = taken_from(publishers.feed())

    assert len(taken) == 100
    for stream in streams:
        assert [event.version for event in taken if event.stream == stream] == list(range(1, 21))


def test_events_of_one_call_after_another_are_delivered_in_that_order(publishers: PublisherHarness) -> None:
    for version in range(10):
        publishers.publisher.publish(events_of("s", 1, at_version=version))

    assert [event.version for event in taken_from(publishers.feed())] == list(range(1, 11))


def test_threads_that_publish_at_the_same_time_do_not_harm_each_other(publishers: PublisherHarness) -> None:
    streams = [events_of(f"stream-{number}", 10) for number in range(4)]
    threads = [threading.Thread(target=publishers.publisher.publish, args=(events,)) for events in streams]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    taken = taken_from(publishers.feed())

    for events in streams:
        assert [event for event in taken if event.stream == events[0].stream] == events


def test_a_partial_failure_names_exactly_those_that_were_not_acknowledged(publishers: PublisherHarness) -> None:
    a, b, c = events_of("a", 2), events_of("b", 1), events_of("c", 2)
    refused = publishers.refuse(b[0])

    with pytest.raises(PublishFailed) as failed:
        publishers.publisher.publish([a[0], c[0], refused, a[1], c[1]])

    assert failed.value.unacknowledged == (refused,)
    assert failed.value.reason
    assert ids(taken_from(publishers.feed())) == ids(a + c)


def test_what_is_behind_a_refused_event_of_its_stream_is_named_or_delivered(publishers: PublisherHarness) -> None:
    events = events_of("s", 4)
    events[1] = publishers.refuse(events[1])

    with pytest.raises(PublishFailed) as failed:
        publishers.publisher.publish(events)

    acknowledged = [event.version for event in events if event not in failed.value.unacknowledged]
    assert events[1] in failed.value.unacknowledged
    assert 1 in acknowledged
    delivered = [event.version for event in taken_from(publishers.feed())]
    assert [version for version in delivered if version in acknowledged] == acknowledged


def test_a_call_that_failed_does_not_harm_the_next(publishers: PublisherHarness) -> None:
    refused, events = publishers.refuse(events_of("bad", 1)[0]), events_of("good", 3)
    with pytest.raises(PublishFailed):
        publishers.publisher.publish([refused])

    publishers.publisher.publish(events)

    assert taken_from(publishers.feed()) == events


def test_while_the_broker_is_away_all_are_named_and_afterwards_it_goes_on(publishers: PublisherHarness) -> None:
    publishers.publisher.publish(events_of("before", 1))
    events = in_turn(events_of("a", 2), events_of("b", 2))
    with publishers.away(), pytest.raises(PublishFailed) as failed:
        publishers.publisher.publish(events)
    assert sorted(failed.value.unacknowledged) == sorted(events)

    publishers.publisher.publish(events)
    publishers.publisher.publish(events_of("after", 1))

    taken = taken_from(publishers.feed())
    assert {event.stream for event in taken} == {"before", "a", "b", "after"}
    assert ids(events) <= ids(taken)


def test_what_must_not_leave_the_store_is_left_out(publishers: PublisherHarness) -> None:
    (event,) = events_of("user-1", 1)
    secret = event._replace(
        type="UserCreated",
        data=b'{"user_id":"user-1","password_hash":"TOP-SECRET-HASH"}',
        metadata=replace(METADATA, email="somebody@secret.example"),
    )

    publishers.publisher.publish([secret])

    (taken,) = taken_from(publishers.feed())
    assert (taken.id, taken.type) == (secret.id, "UserCreated")
    assert b"user-1" in publishers.raw()
    assert b"TOP-SECRET-HASH" not in publishers.raw()
    assert b"somebody@secret.example" not in publishers.raw()


def test_closing_twice_is_closing_once(publishers: PublisherHarness) -> None:
    publishers.publisher.publish(events_of("s", 1))

    publishers.publisher.close()
    publishers.publisher.close()

    assert len(taken_from(publishers.feed())) == 1
