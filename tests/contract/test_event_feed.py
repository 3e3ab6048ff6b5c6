"""What every event feed owes, as `core.ports.event_feed` says it."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from core.ports.event_feed import Delivery, Doorbell, EventFeed, Unreadable
from core.ports.event_store import EventStore
from core.ports.events import RecordedEvent
from tests.contract.conftest import KEEP_AN_ORDER
from tests.contract.delivery_harness import FeedHarness
from tests.support.commits import adding, append, commit_of, fill, stock_added

PATIENCE = 10.0
"""Seconds after which something that must happen counts as not happening."""

MOMENT = 0.2
"""Seconds in which something that must not happen may show that it does."""


@pytest.fixture
def store(feeds: FeedHarness) -> EventStore:
    """Give the store whose events are carried."""
    return feeds.store


def place(delivery: Delivery) -> tuple[str, int]:
    """Name the event that a doorbell announces."""
    assert isinstance(delivery, Doorbell)
    return delivery.stream, delivery.version


def polls_of(feed: EventFeed, limit: int = 100) -> Iterator[Sequence[Delivery]]:
    """Poll and acknowledge until the feed has nothing more to give on ten polls in a row."""
    quiet = polls = 0
    while quiet < 10:
        deliveries = feed.poll(limit)
        feed.acknowledge(deliveries)
        yield deliveries
        quiet, polls = 0 if deliveries else quiet + 1, polls + 1
        assert polls < 10_000


def drained(feed: EventFeed, limit: int = 100) -> list[Delivery]:
    """Take all that the feed has to give."""
    return [delivery for deliveries in polls_of(feed, limit) for delivery in deliveries]


def everything_in(store: EventStore) -> set[tuple[str, int]]:
    """Name every event that is stored."""
    return {(event.stream, event.version) for event in store.replay()}


def test_nothing_is_delivered_where_nothing_was_committed(feeds: FeedHarness) -> None:
    assert feeds.feed().poll(10) == []


def test_a_committed_event_is_delivered_as_it_was_recorded(feeds: FeedHarness, store: EventStore) -> None:
    feed = feeds.calm_feed()
    fill(store, "s", 1)

    (doorbell,) = feed.poll(10)

    (event,) = store.read("s")
    assert isinstance(doorbell, Doorbell)
    assert (doorbell.stream, doorbell.version, doorbell.event) == ("s", 1, event)
    assert isinstance(doorbell.event, RecordedEvent)


def test_every_event_of_a_commit_is_delivered(feeds: FeedHarness, store: EventStore) -> None:
    feed = feeds.calm_feed()
    store.commit(commit_of(append("a", 0, stock_added(), stock_added()), append("b", 0)))

    assert sorted(place(doorbell) for doorbell in feed.poll(10)) == [("a", 1), ("a", 2), ("b", 1)]


def test_what_was_not_acknowledged_comes_again(feeds: FeedHarness, store: EventStore) -> None:
    feed = feeds.calm_feed()
    fill(store, "s", 3)
    first = feed.poll(10)

    assert sorted(map(place, feed.poll(10))) == sorted(map(place, first)) == [("s", 1), ("s", 2), ("s", 3)]


def test_what_was_acknowledged_does_not_come_again(feeds: FeedHarness, store: EventStore) -> None:
    feed = feeds.calm_feed()
    fill(store, "s", 3)
    feed.acknowledge(feed.poll(10))

    assert feed.poll(10) == []


def test_of_a_batch_that_was_acknowledged_in_part_the_rest_comes_again(feeds: FeedHarness, store: EventStore) -> None:
    feed = feeds.calm_feed()
    fill(store, "s", 4)
    deliveries = sorted(feed.poll(10), key=place)
    feed.acknowledge(deliveries[1:3])

    assert sorted(map(place, feed.poll(10))) == [("s", 1), ("s", 4)]


def test_what_is_committed_between_a_poll_and_its_acknowledgement_is_not_acknowledged(
    feeds: FeedHarness, store: EventStore
) -> None:
    feed = feeds.calm_feed()
    fill(store, "s", 1)
    deliveries = feed.poll(10)
    store.commit(adding(stock_added(), to="s", at_version=1))
    feed.acknowledge(deliveries)

    assert [place(doorbell) for doorbell in feed.poll(10)] == [("s", 2)]


def test_acknowledging_twice_is_acknowledging_once(feeds: FeedHarness, store: EventStore) -> None:
    feed = feeds.calm_feed()
    fill(store, "s", 2)
    deliveries = feed.poll(10)
    feed.acknowledge(deliveries)
    feed.acknowledge(deliveries)
    store.commit(adding(stock_added(), to="s", at_version=2))

    assert [place(doorbell) for doorbell in feed.poll(10)] == [("s", 3)]


@pytest.mark.parametrize("mood", ["friendly", "hostile"])
def test_a_poll_gives_no_more_than_its_limit_and_the_next_ones_the_rest(
    feeds: FeedHarness, store: EventStore, mood: str
) -> None:
    feed = feeds.feed(1) if mood == "hostile" else feeds.calm_feed()
    fill(store, "s", 20)
    seen: set[tuple[str, int]] = set()

    for _ in range(200):
        deliveries = feed.poll(3)
        assert len(deliveries) <= 3
        seen |= set(map(place, deliveries))
        feed.acknowledge(deliveries)

    assert seen == everything_in(store)


def test_two_consumers_get_everything_each(feeds: FeedHarness, store: EventStore) -> None:
    one, other = feeds.feed(1), feeds.feed(2)
    fill(store, "s", 3)

    assert {place(doorbell) for doorbell in drained(one)} == {("s", 1), ("s", 2), ("s", 3)}
    assert {place(doorbell) for doorbell in drained(other)} == {("s", 1), ("s", 2), ("s", 3)}
    assert one.poll(10) == []


def test_a_poll_without_anything_to_give_waits_no_longer_than_it_was_told(feeds: FeedHarness) -> None:
    feed, polled = feeds.calm_feed(), list[Sequence[Delivery]]()
    thread = threading.Thread(target=lambda: polled.append(feed.poll(10, timeout=MOMENT)), daemon=True)

    thread.start()
    thread.join(PATIENCE)

    assert polled == [[]]


def test_a_poll_that_waits_is_woken_by_a_commit(feeds: FeedHarness, store: EventStore) -> None:
    feed, polled = feeds.calm_feed(), threading.Event()
    taken: list[Delivery] = []

    def poll() -> None:
        taken.extend(feed.poll(10, timeout=6 * PATIENCE))
        polled.set()

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    assert not polled.wait(MOMENT)  # it waits

    fill(store, "s", 1)

    assert polled.wait(PATIENCE)  # long before its time is over
    assert [place(doorbell) for doorbell in taken] == [("s", 1)]


def test_a_poll_does_not_wait_where_there_is_something_to_give(feeds: FeedHarness, store: EventStore) -> None:
    feed = feeds.calm_feed()
    fill(store, "s", 1)
    polling = threading.Thread(target=feed.poll, args=(10, 6 * PATIENCE), daemon=True)
    polling.start()
    polling.join(PATIENCE)

    assert not polling.is_alive()


def test_the_lag_is_the_age_of_the_oldest_event_that_is_not_acknowledged(feeds: FeedHarness, store: EventStore) -> None:
    feed, now = feeds.calm_feed(), datetime.now(UTC)
    for stream, age in (("older", 600), ("old", 60), ("new", 0)):
        store.commit(commit_of(append(stream, 0), created_at=now - timedelta(seconds=age)))

    assert 600 <= feed.lag_seconds() < 600 + PATIENCE  # nothing was polled yet
    by_age = {doorbell.stream: doorbell for doorbell in feed.poll(10) if isinstance(doorbell, Doorbell)}
    assert 600 <= feed.lag_seconds() < 600 + PATIENCE
    feed.acknowledge([by_age["older"]])
    assert 60 <= feed.lag_seconds() < 60 + PATIENCE
    feed.acknowledge([by_age["old"], by_age["new"]])
    assert feed.lag_seconds() == 0


def test_a_feed_without_events_has_no_lag(feeds: FeedHarness) -> None:
    assert feeds.feed().lag_seconds() == 0


def test_nobody_hinders_a_feed_that_can_give_what_it_has(feeds: FeedHarness, store: EventStore) -> None:
    feed = feeds.calm_feed()
    fill(store, "s", 1)

    assert feed.hindrance() == ""
    assert len(feed.poll(10)) == 1


def test_a_delivery_says_where_in_the_feed_it_came_from(feeds: FeedHarness, store: EventStore) -> None:
    feed = feeds.calm_feed()
    fill(store, "s", 3)
    fill(store, "t", 3)

    positions = {place(doorbell): doorbell.position for doorbell in feed.poll(10)}

    assert len(set(positions.values())) == 6
    assert all(positions.values())
    assert {place(doorbell): doorbell.position for doorbell in feed.poll(10)} == positions


def test_a_record_whose_image_is_damaged_is_still_a_doorbell(feeds: FeedHarness, store: EventStore) -> None:
    feed = feeds.calm_feed()
    feeds.lose_images_of("s")
    fill(store, "s", 1)

    (doorbell,) = feed.poll(10)

    assert isinstance(doorbell, Doorbell)
    assert (doorbell.stream, doorbell.version, doorbell.event) == ("s", 1, None)


def test_a_record_whose_keys_are_damaged_is_delivered_as_unreadable_and_acknowledged_like_any_other(
    feeds: FeedHarness, store: EventStore
) -> None:
    feed = feeds.calm_feed()
    feeds.lose_keys_of("s")
    fill(store, "s", 1)
    fill(store, "t", 1)

    deliveries = feed.poll(10)
    unreadable = [delivery for delivery in deliveries if isinstance(delivery, Unreadable)]

    assert len(deliveries) == 2
    assert len(unreadable) == 1
    assert unreadable[0].position
    assert unreadable[0].reason
    feed.acknowledge(unreadable)
    assert [place(doorbell) for doorbell in feed.poll(10)] == [("t", 1)]


def test_a_consumer_that_starts_again_goes_on_behind_what_it_acknowledged(
    feeds: FeedHarness, store: EventStore
) -> None:
    feed = feeds.calm_feed()
    fill(store, "s", 3)
    feed.acknowledge(feed.poll(10))
    fill(store, "t", 2)

    assert sorted(map(place, feeds.started_again(feed).poll(10))) == [("t", 1), ("t", 2)]


def test_a_consumer_that_starts_again_gets_all_that_it_did_not_acknowledge(
    feeds: FeedHarness, store: EventStore
) -> None:
    feed = feeds.calm_feed()
    fill(store, "s", 5)
    deliveries = sorted(feed.poll(10), key=place)
    feed.acknowledge(deliveries[2:4])  # what is before them is still to be dealt with

    again = {place(doorbell) for doorbell in feeds.started_again(feed).poll(10)}

    assert {("s", 1), ("s", 2), ("s", 5)} <= again


def test_what_one_consumer_acknowledges_another_still_gets(feeds: FeedHarness, store: EventStore) -> None:
    one, other = feeds.calm_feed(), feeds.calm_feed()
    fill(store, "s", 3)
    one.acknowledge(one.poll(10))

    assert sorted(map(place, other.poll(10))) == [("s", 1), ("s", 2), ("s", 3)]


@pytest.mark.parametrize("feeds", KEEP_AN_ORDER, indirect=True)
def test_on_a_calm_day_a_stream_comes_in_the_order_of_its_versions(feeds: FeedHarness, store: EventStore) -> None:
    feed = feeds.calm_feed()
    for version in range(12):
        for stream in ("a", "b", "c"):
            store.commit(adding(stock_added(), to=stream, at_version=version))

    taken = [place(delivery) for delivery in drained(feed, limit=5)]

    for stream in ("a", "b", "c"):
        assert [version for name, version in taken if name == stream] == list(range(1, 13))


def test_what_comes_behind_a_record_that_cannot_be_read_is_delivered(feeds: FeedHarness, store: EventStore) -> None:
    feed = feeds.calm_feed()
    feeds.lose_keys_of("bad")
    for version in range(3):
        for stream in ("bad", "good"):
            store.commit(adding(stock_added(), to=stream, at_version=version))

    taken = drained(feed, limit=2)

    assert [place(each) for each in taken if isinstance(each, Doorbell)] == [("good", 1), ("good", 2), ("good", 3)]
    assert sum(isinstance(each, Unreadable) for each in taken) == 3


# The slow ones come last: a broken adapter should be found by one that is fast.


@pytest.mark.parametrize("seed", range(30))
def test_a_hostile_feed_delivers_everything_at_last(feeds: FeedHarness, store: EventStore, seed: int) -> None:
    feed = feeds.feed(seed)
    for number in range(5):
        fill(store, f"early-{number}", 4)
    feed.poll(7)  # what is not acknowledged must come again
    for number in range(5):
        fill(store, f"late-{number}", 4)

    taken = drained(feed, limit=7)

    assert set(map(place, taken)) == everything_in(store)


def test_a_hostile_feed_delays_repeats_and_reorders(feeds: FeedHarness, store: EventStore) -> None:
    fill(store, "s", 10)
    delayed = repeated_at_once = repeated_later = reordered = shuffled = 0
    for seed in range(30):
        polls = [[place(doorbell) for doorbell in deliveries] for deliveries in polls_of(feeds.feed(seed))]
        firsts = list(dict.fromkeys(announced for poll in polls for announced in poll))
        delayed += len(set(polls[0])) < 10
        repeated_at_once += any(len(set(poll)) < len(poll) for poll in polls)
        repeated_later += sum(len(set(poll)) for poll in polls) > 10  # though it was acknowledged
        reordered += firsts != sorted(firsts)
        shuffled += any(list(dict.fromkeys(poll)) != sorted(set(poll)) for poll in polls)

    assert min(delayed, repeated_at_once, repeated_later, reordered, shuffled) >= 20


def test_a_hostile_feed_does_the_same_again_for_the_same_seed(feeds: FeedHarness, store: EventStore) -> None:
    fill(store, "s", 10)

    assert drained(feeds.feed(7)) == drained(feeds.feed(7))
    assert drained(feeds.feed(7)) != drained(feeds.feed(8))
