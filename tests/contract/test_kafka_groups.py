"""Workers of one projector: who reads what, what is committed when, and what a rebalance does to a batch that is under way."""

import threading
import time
from contextlib import closing

import pytest

from core.ports.event_feed import Delivery, EventFeed
from tests.contract.kafka_events import drained, events_of, many_streams, partitions_of, places, places_of
from tests.contract.kafka_harness import Topic
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka

MOMENT = 0.1
"""Seconds that a worker waits in a poll."""


def shared(one: EventFeed, other: EventFeed) -> tuple[list[Delivery], list[Delivery]]:
    """Have two workers poll in turn, as two processes do, until each has a partition; give what each is given then."""
    found: list[list[Delivery]] = [[], []]

    def both_have_some() -> bool:
        # A worker joins within a poll, and is given its part when the others poll too.
        joining = threading.Thread(target=lambda: found.__setitem__(1, list(other.poll(100, MOMENT))))
        joining.start()
        found[0] = list(one.poll(100, MOMENT))
        joining.join()
        return len(partitions_of(found[0])) == 1 and len(partitions_of(found[1])) == 1

    wait_until(both_have_some)
    return found[0], found[1]


def test_two_workers_share_the_partitions_and_get_everything_together(topic: Topic) -> None:
    events = many_streams(8, 3)
    topic.publisher().publish(events)

    ours, theirs = shared(topic.worker(), topic.worker())

    assert not partitions_of(ours) & partitions_of(theirs)
    assert sorted(places(ours) + places(theirs)) == sorted(places_of(events))


def test_nothing_is_committed_before_it_is_acknowledged(topic: Topic) -> None:
    topic.publisher().publish(many_streams(8, 3))
    with closing(topic.worker()) as feed:
        feed.poll(100)
        assert topic.committed() == {}

    assert topic.committed() == {}  # leaving commits nothing either
    assert len(topic.worker().poll(100)) == 24


def test_what_is_acknowledged_is_committed_and_no_more(topic: Topic) -> None:
    topic.publisher().publish(events_of("s", 5))
    feed = topic.worker()
    deliveries = feed.poll(100)

    feed.acknowledge(deliveries[:3])
    assert list(topic.committed().values()) == [3]
    feed.acknowledge(deliveries[4:])
    assert list(topic.committed().values()) == [3]  # the fourth is still to be dealt with
    feed.acknowledge(deliveries[3:4])
    assert list(topic.committed().values()) == [5]


def test_each_projector_is_a_group_of_its_own(topic: Topic) -> None:
    topic.publisher().publish(events_of("s", 2))
    one, other = topic.worker("read-models"), topic.worker("notifier")
    one.acknowledge(one.poll(100))

    assert len(other.poll(100)) == 2
    assert list(topic.committed("read-models").values()) == [2]
    assert topic.committed("notifier") == {}


def test_a_worker_that_leaves_gives_its_partitions_to_the_other_at_once(topic: Topic) -> None:
    events = many_streams(8, 3)
    topic.publisher().publish(events)
    one, other = topic.worker(), topic.worker()
    shared(one, other)

    one.close()

    wait_until(lambda: len(other.poll(100, MOMENT)) == len(events), seconds=5)


def test_a_rebalance_in_the_middle_of_a_batch_loses_nothing_and_acknowledges_nothing_that_was_taken_away(
    topic: Topic,
) -> None:
    events = many_streams(8, 3)
    topic.publisher().publish(events)
    one, other = topic.worker(), topic.worker()
    batch = one.poll(100)
    assert places_of(events) == set(places(batch))

    kept, theirs = shared(one, other)  # another worker comes while the batch is dealt with
    one.acknowledge(batch)

    # What is still ours is committed; the other's is not, and it gets all of it.
    (ours,) = partitions_of(kept)
    assert set(map(str, topic.committed())) == {ours}
    assert not partitions_of(theirs) & {ours}
    assert set(places(theirs)) == {
        place for place, each in zip(places(batch), batch, strict=True) if each.position[0] != ours
    }
    assert drained(one) == []
    other.acknowledge(theirs)
    assert sum(topic.committed().values()) == len(events)


def test_a_worker_that_can_take_in_no_more_takes_part_in_a_rebalance_all_the_same(topic: Topic) -> None:
    topic.publisher().publish(many_streams(8, 3))
    one, other = topic.worker(), topic.worker()
    first = one.poll(2)
    stopped = threading.Event()

    def poll_again_and_again() -> None:
        while not stopped.is_set():
            one.poll(2, MOMENT)  # nothing is acknowledged: its database is away

    polling = threading.Thread(target=poll_again_and_again)
    polling.start()
    try:
        wait_until(lambda: len(partitions_of(other.poll(100, MOMENT))) == 1, seconds=10)
    finally:
        stopped.set()
        polling.join()
    assert len(first) == 2


def test_what_was_acknowledged_before_a_rebalance_does_not_come_again(topic: Topic) -> None:
    topic.publisher().publish(many_streams(8, 3))
    one, other = topic.worker(), topic.worker()
    done = one.poll(4)
    one.acknowledge(done)

    ours, theirs = shared(one, other)

    assert len(ours) + len(theirs) == 20
    assert not set(places(ours) + places(theirs)) & set(places(done))


def test_an_acknowledgement_that_comes_after_its_worker_left_is_passed_over(topic: Topic) -> None:
    topic.publisher().publish(events_of("s", 2))
    feed = topic.worker()
    deliveries = feed.poll(100)
    feed.close()

    feed.acknowledge(deliveries)

    assert topic.committed() == {}
    assert len(topic.worker().poll(100)) == 2


def test_a_worker_whose_database_is_away_keeps_its_partitions_and_takes_in_no_more(
    topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.kafka.membership.SESSION_MS", 1_000)
    topic.publisher().publish(
        [event for at in range(0, 3_000, 90) for event in events_of("s", min(90, 3_000 - at), at)]
    )
    feed = topic.worker()
    first = feed.poll(5)
    members = topic.members()

    until = time.monotonic() + 2.5  # two sessions and a half
    while time.monotonic() < until:
        assert feed.poll(5, MOMENT) == first
    assert topic.members() == members

    seen = 0
    while deliveries := feed.poll(500):
        feed.acknowledge(deliveries)
        seen += len(deliveries)
    assert seen == 3_000


def test_a_worker_whose_batch_takes_longer_than_a_session_may_still_acknowledge_it(
    topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.kafka.membership.SESSION_MS", 1_000)
    topic.publisher().publish(events_of("s", 5))
    feed = topic.worker()
    deliveries = feed.poll(100)
    members = topic.members()

    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        assert topic.members() == members
    feed.acknowledge(deliveries)

    assert list(topic.committed().values()) == [5]


def test_who_asks_how_the_feed_is_takes_no_part_in_the_reading(topic: Topic) -> None:
    topic.publisher().publish(events_of("s", 2))
    feed = topic.worker()

    assert feed.lag_seconds() > 0
    assert feed.hindrance() == ""
    assert topic.members() == set()


def test_the_lag_of_another_process_is_seen_from_what_the_group_has_committed(topic: Topic) -> None:
    topic.publisher().publish(events_of("s", 2))
    reading, looking = topic.worker(), topic.worker()
    deliveries = reading.poll(100)
    assert looking.lag_seconds() > 0

    reading.acknowledge(deliveries)

    assert looking.lag_seconds() == 0


def test_a_topic_that_is_not_there_is_what_hinders(topic: Topic) -> None:
    topic.cluster = topic.cluster._replace(topic="nobody-made-this")

    assert topic.worker().hindrance() == f"there is no topic 'nobody-made-this' in the Kafka at {topic.cluster.servers}"
