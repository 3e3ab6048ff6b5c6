"""The producer on the wire: its settings as the broker sees them, and what it does when the broker says no or nothing."""

import threading
from collections import Counter

import pytest
from kafka import KafkaProducer

from core.ports.event_publisher import PublishFailed
from tests.contract.kafka_events import drained, events_of, many_streams, places, places_of
from tests.contract.kafka_harness import Topic
from tests.support.kafka import KafkaServer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka


def test_the_broker_knows_our_producer_as_an_idempotent_one(topic: Topic) -> None:
    topic.publisher().publish(many_streams(8, 1))

    assert len(topic.producer_ids()) == 1


def test_a_producer_whose_idempotence_is_switched_off_is_seen_as_such(topic: Topic) -> None:
    # Another `acks` switches it off, and kafka-python only warns: this is what the test above would see then.
    producer = KafkaProducer(bootstrap_servers=topic.cluster.servers, acks=1)
    producer.send(topic.cluster.topic, b"{}", key=b"s").get(10)
    producer.close()

    assert topic.producer_ids() == set()


def test_with_keys_a_stream_stays_in_one_partition_and_without_it_is_spread_evenly(topic: Topic) -> None:
    topic.publisher().publish(events_of("s", 10))
    assert len({each.partition for each in topic.messages()}) == 1

    topic.publisher(keyed=False).publish(events_of("t", 10))
    of_t = Counter(each.partition for each in topic.messages() if each.key == b"t")
    assert of_t == {0: 5, 1: 5}
    assert len(drained(topic.worker())) == 20  # the stream is named all the same


def test_a_topic_that_is_not_there_fails_in_time_and_is_named(topic: Topic) -> None:
    topic.cluster = topic.cluster._replace(topic="nobody-made-this")
    events = many_streams(1_500, 1)

    with pytest.raises(PublishFailed) as failed:
        topic.publisher(budget=0.5).publish(
            events
        )  # the time is that of the call: of each event, it would be more than a test has

    assert failed.value.unacknowledged == tuple(events)
    assert "Failed to update metadata" in failed.value.reason


def test_threads_that_wait_for_a_broker_do_not_wait_for_each_other(topic: Topic) -> None:
    topic.cluster = topic.cluster._replace(servers="127.0.0.1:1")
    publisher, reasons = topic.publisher(budget=0.5), list[str]()

    def publish(number: int) -> None:
        try:
            publisher.publish(events_of(f"stream-{number}", 1))
        except PublishFailed as failed:
            reasons.append(failed.reason)

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # One after another they would have had time for one try each.
    assert len(reasons) == 20
    assert sum("another thread waits" in reason for reason in reasons) >= 10


def test_a_broker_that_is_not_there_fails_in_time_and_leaves_no_thread_behind(topic: Topic) -> None:
    before = set(threading.enumerate())
    topic.cluster = topic.cluster._replace(servers="127.0.0.1:1")
    publisher = topic.publisher(budget=0.3)
    for _ in range(3):
        with pytest.raises(PublishFailed, match="Unable to bootstrap"):
            publisher.publish(events_of("s", 1))

    wait_until(lambda: set(threading.enumerate()) <= before)


def test_a_producer_that_gave_up_is_replaced_and_its_thread_ends(topic: Topic, kafka_broker: KafkaServer) -> None:
    publisher = topic.publisher(budget=0.5)
    publisher.publish(events_of("before", 1))
    first = topic.producer_ids()
    running = {thread for thread in threading.enumerate() if "producer" in thread.name}
    with kafka_broker.held(), pytest.raises(PublishFailed):
        publisher.publish(events_of("lost", 1))

    publisher.publish(events_of("after", 3))

    assert len(topic.producer_ids() - first) == 1
    assert places_of(events_of("after", 3)) <= set(places(drained(topic.worker())))
    wait_until(lambda: not any(thread.is_alive() for thread in running))


def test_those_who_publish_at_the_same_time_are_not_harmed_by_one_whose_event_is_refused(topic: Topic) -> None:
    topic.limit(20_000)
    publisher, failures = topic.publisher(), list[Exception]()
    large = events_of("large", 1)[0]._replace(data=b'{"text":"' + b"x" * 30_000 + b'"}')

    def publish(stream: str) -> None:
        for version in range(20):
            try:
                publisher.publish(events_of(stream, 1, at_version=version))
            except PublishFailed as failed:
                failures.append(failed)

    threads = [threading.Thread(target=publish, args=(f"good-{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    with pytest.raises(PublishFailed):
        publisher.publish([large])
    for thread in threads:
        thread.join()

    # kafka-python gives up on what is on its way together with a refused one: such a call says so, and nothing is lost in silence.
    unacknowledged = {
        place for failed in failures if isinstance(failed, PublishFailed) for place in places_of(failed.unacknowledged)
    }
    written = {(f"good-{number}", version) for number in range(3) for version in range(1, 21)}
    assert unacknowledged <= written
    assert written - unacknowledged <= set(places(drained(topic.worker()))) <= written
