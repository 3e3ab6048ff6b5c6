"""A broker that is killed, and one that stands still: nothing acknowledged is lost, and everybody goes on by himself."""

import threading

import pytest

from core.ports.event_feed import FeedUnavailable
from core.ports.event_publisher import PublishFailed
from tests.contract.kafka_events import drained, many_streams, places, places_of
from tests.contract.kafka_harness import Topic
from tests.support.kafka import KafkaServer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka

STOPPED = 5.0
"""Seconds that the broker stands still."""


def test_a_broker_that_is_killed_and_comes_back_has_all_that_it_acknowledged_and_everybody_goes_on(
    topic: Topic, kafka_broker: KafkaServer
) -> None:
    publisher, feed = topic.publisher(budget=1.0), topic.worker()
    before, during, after = many_streams(6, 2), many_streams(1, 1), many_streams(8, 3)
    publisher.publish(before)
    waiting = feed.poll(100)

    kafka_broker.kill()
    try:
        with pytest.raises(PublishFailed) as failed:
            publisher.publish(during)
        assert failed.value.unacknowledged == tuple(during)
        with pytest.raises(FeedUnavailable):
            feed.acknowledge(waiting)
        with pytest.raises(FeedUnavailable):
            feed.lag_seconds() if feed.poll(100, 0.1) == [] else feed.poll(100)
        with pytest.raises(FeedUnavailable):
            feed.hindrance()
    finally:
        kafka_broker.start()

    publisher.publish(after)

    taken = set[tuple[str, int]]()

    def has_all() -> bool:
        try:
            taken.update(places(drained(feed)))
        except FeedUnavailable:
            return False
        return places_of(before) | places_of(after) <= taken

    wait_until(has_all)


def test_a_broker_that_stands_still_for_5_seconds_costs_time_and_nothing_else(
    topic: Topic, kafka_broker: KafkaServer
) -> None:
    publisher, feed = topic.publisher(budget=20.0), topic.worker()
    before, during = many_streams(6, 2), many_streams(12, 4)
    publisher.publish(before)
    assert len(drained(feed)) == len(before)

    with kafka_broker.held():
        publishing = threading.Thread(target=publisher.publish, args=(during,))
        publishing.start()
        with pytest.raises(FeedUnavailable):
            feed.poll(100)
        publishing.join(STOPPED)
        assert publishing.is_alive()  # it waits
    publishing.join()

    taken = list[tuple[str, int]]()

    def has_all() -> bool:
        try:
            taken.extend(places(drained(feed)))
        except FeedUnavailable:
            return False
        return places_of(during) <= set(taken)

    wait_until(has_all)
    # What the producer sent again is there once: that is what its idempotence is for.
    stored = [(each.key.decode(), dict(each.headers)["version"]) for each in topic.messages()]
    assert len(stored) == len(before) + len(during)
    for stream in {place[0] for place in taken}:
        versions = list(dict.fromkeys(version for name, version in taken if name == stream))
        assert versions == sorted(versions)
