"""What Kinesis may answer besides records, none of it by itself on an emulator: nothing is lost by it."""

from collections.abc import Callable
from contextlib import closing

import pytest

from adapters.kinesis.lease import SHARD_END
from adapters.kinesis.pages import PAGE
from adapters.kinesis.reading import LONGEST_BACK_OFF
from adapters.kinesis.sharing import RENEW_SECONDS
from core.ports.event_feed import FeedUnavailable
from tests.contract.dynamodb_harness import client_of
from tests.contract.kinesis_harness import Clock, KinesisFeeds, kinesis_of, rung
from tests.support.commits import fill
from tests.support.faulty_proxy import FaultyProxy, lose_answer, lose_request, refuse, respond

pytestmark = pytest.mark.kinesis

THROTTLED = ("ProvisionedThroughputExceededException", "LimitExceededException", "KMSThrottlingException")
MANY = 100
"""Faults: more than are ever asked for while one call is tried again."""


@pytest.fixture
def kinesis(open_kinesis: Callable[[int], KinesisFeeds]) -> KinesisFeeds:
    """Give a stream of one shard, so that it is known what is asked next."""
    return open_kinesis(1)


def expire(kinesis: KinesisFeeds) -> None:
    """Have the iterator that is used next be too old."""
    kinesis.proxy.on(("GetRecords",), refuse("ExpiredIteratorException"))


def test_a_new_shard_is_read_from_its_first_record_on(kinesis: KinesisFeeds) -> None:
    kinesis.ring(0, "s", 1, 2)

    assert rung(kinesis.worker().poll(100)) == [("s", 1), ("s", 2)]


def test_more_records_than_a_page_has_come_in_their_order(kinesis: KinesisFeeds) -> None:
    count = PAGE + 200
    fill(kinesis.store, "s", count)
    feed, taken = kinesis.worker(), list[tuple[str, int]]()
    while deliveries := feed.poll(500):
        assert len(deliveries) <= 500
        taken += rung(deliveries)
        feed.acknowledge(deliveries)

    assert taken == [("s", version) for version in range(1, count + 1)]


def test_when_an_iterator_expires_what_waits_is_given_once_and_nothing_is_passed_over(kinesis: KinesisFeeds) -> None:
    feed = kinesis.worker()
    kinesis.ring(0, "s", 1, 2)
    feed.poll(100)
    kinesis.ring(0, "s", 3)
    expire(kinesis)

    deliveries = feed.poll(100)

    assert len(kinesis.proxy.done) == 1
    assert rung(deliveries) == [("s", 1), ("s", 2), ("s", 3)]
    feed.acknowledge(deliveries)
    assert feed.poll(100) == []


def test_when_an_iterator_expires_reading_goes_on_behind_the_checkpoint(kinesis: KinesisFeeds) -> None:
    feed = kinesis.worker()
    kinesis.ring(0, "s", 1, 2, 3)
    first, second, third = feed.poll(100)
    feed.acknowledge([first, third])
    kinesis.ring(0, "s", 4)
    expire(kinesis)

    assert rung(feed.poll(100)) == [("s", 2), ("s", 4)]
    feed.acknowledge([second])
    expire(kinesis)
    kinesis.ring(0, "s", 5)
    assert rung(feed.poll(100)) == [("s", 4), ("s", 5)]


def test_an_iterator_that_expires_before_anything_is_dealt_with_is_made_anew_at_the_beginning(
    kinesis: KinesisFeeds,
) -> None:
    feed = kinesis.worker()
    feed.poll(100)
    kinesis.ring(0, "s", 1, 2)
    expire(kinesis)

    assert rung(feed.poll(100)) == [("s", 1), ("s", 2)]


def test_a_checkpoint_that_the_shard_does_not_know_is_begun_anew(kinesis: KinesisFeeds) -> None:
    """The table tells of a stream that was deleted and made again; what comes twice is dropped."""
    with closing(kinesis.worker()) as feed:
        kinesis.ring(0, "s", 1, 2)
        feed.acknowledge(feed.poll(100))
    kinesis.proxy.on(("GetShardIterator",), refuse("InvalidArgumentException"))
    feed = kinesis.worker()
    feed.poll(100)

    assert rung(feed.poll(100)) == [("s", 1), ("s", 2)]


@pytest.mark.parametrize("pages", [1, 3, 25])
def test_an_empty_page_is_not_the_end(kinesis: KinesisFeeds, pages: int) -> None:
    kinesis.ring(0, "s", 1)
    feed = kinesis.worker()
    kinesis.proxy.empty_pages = pages

    assert rung(feed.poll(100, timeout=60)) == [("s", 1)]
    assert kinesis.proxy.empty_pages == 0
    assert SHARD_END not in kinesis.checkpoints().values()


def test_after_an_empty_page_the_next_is_read_at_once(kinesis: KinesisFeeds) -> None:
    kinesis.ring(0, "s", 1)
    kinesis.proxy.empty_pages = 3

    assert rung(kinesis.worker().poll(100)) == [("s", 1)]


def test_the_lag_counts_what_was_not_read(kinesis: KinesisFeeds) -> None:
    feed = kinesis.worker()
    kinesis.proxy.empty_pages = MANY

    assert feed.lag_seconds() == kinesis.proxy.behind_seconds


@pytest.mark.parametrize("error", THROTTLED)
@pytest.mark.parametrize("operation", ["GetRecords", "GetShardIterator"])
def test_a_shard_that_is_asked_too_often_is_left_alone_for_a_while(
    kinesis: KinesisFeeds, operation: str, error: str
) -> None:
    clock = Clock()
    feed = kinesis.worker(environment=clock.environment)
    fill(kinesis.store, "s", 3)
    kinesis.proxy.on((operation,), refuse(error), refuse(error))

    assert feed.poll(100) == []
    assert feed.poll(100) == []
    assert len(kinesis.proxy.done) == 1  # it was not asked again
    assert "so often" in feed.hindrance()
    clock.pass_by(LONGEST_BACK_OFF)
    assert feed.poll(100) == []
    clock.pass_by(LONGEST_BACK_OFF)

    assert sorted(rung(feed.poll(100))) == [("s", 1), ("s", 2), ("s", 3)]
    assert feed.hindrance() == ""


def test_a_shard_that_nobody_may_read_lags(kinesis: KinesisFeeds) -> None:
    clock = Clock()
    feed = kinesis.worker(environment=clock.environment)
    feed.poll(100)
    assert feed.lag_seconds() == 0
    kinesis.proxy.on(("GetRecords",), *[refuse(THROTTLED[0])] * MANY)
    feed.poll(100)
    clock.pass_by(40)

    assert feed.lag_seconds() >= 40


@pytest.mark.parametrize("operation", ["ListShards", "Scan", "UpdateItem", "PutItem"])
def test_a_request_about_leases_that_is_throttled_is_repeated(kinesis: KinesisFeeds, operation: str) -> None:
    proxy: FaultyProxy = kinesis.proxy if operation == "ListShards" else kinesis.leases_proxy
    kinesis.ring(0, "s", 1)
    proxy.on((operation,), refuse(THROTTLED[0]), refuse("LimitExceededException"))
    feed = kinesis.worker()

    assert rung(feed.poll(100)) == [("s", 1)]
    assert len(proxy.done) == 2


@pytest.mark.parametrize("fault", [lose_answer, lose_request])
def test_an_answer_that_is_lost_loses_no_record(kinesis: KinesisFeeds, fault: Callable[..., None]) -> None:
    feed = kinesis.worker()
    feed.poll(100)
    kinesis.ring(0, "s", 1, 2)
    kinesis.proxy.on(("GetRecords",), fault)

    assert rung(feed.poll(100)) == [("s", 1), ("s", 2)]


def test_a_feed_that_does_not_reach_kinesis_says_so_and_loses_nothing(kinesis: KinesisFeeds) -> None:
    feed = kinesis.worker()
    kinesis.ring(0, "s", 1, 2)
    waiting = feed.poll(100)
    kinesis.ring(0, "s", 3)
    kinesis.proxy.on(("GetRecords",), *[lose_request] * MANY)

    for _ in range(2):
        with pytest.raises(FeedUnavailable, match="Kinesis"):
            feed.poll(100)
    kinesis.proxy.on(("GetRecords",))
    assert rung(feed.poll(100)) == [("s", 1), ("s", 2), ("s", 3)]
    feed.acknowledge(waiting)
    assert rung(feed.poll(100)) == [("s", 3)]


def test_an_acknowledgement_that_does_not_reach_the_table_says_so_and_all_of_it_comes_again(
    kinesis: KinesisFeeds,
) -> None:
    feed = kinesis.worker()
    kinesis.ring(0, "s", 1, 2)
    deliveries = feed.poll(100)
    kinesis.leases_proxy.on(("UpdateItem",), *[lose_request] * MANY)

    with pytest.raises(FeedUnavailable, match="DynamoDB"):
        feed.acknowledge(deliveries)
    kinesis.leases_proxy.on(("UpdateItem",))
    assert feed.poll(100) == deliveries
    feed.acknowledge(deliveries)
    assert feed.poll(100) == []


def test_nothing_of_a_feed_that_reaches_nobody_works_and_all_of_it_says_so(kinesis: KinesisFeeds) -> None:
    nowhere = kinesis.dynamodb.free_endpoint()
    feed = kinesis.worker(kinesis=kinesis_of(nowhere), leases=client_of(nowhere))

    for call in (lambda: feed.poll(1), feed.lag_seconds, feed.hindrance):
        with pytest.raises(FeedUnavailable):
            call()
    feed.close()


def test_a_stream_that_is_gone_makes_the_feed_unavailable(kinesis: KinesisFeeds) -> None:
    clock = Clock()
    feed = kinesis.worker(environment=clock.environment)
    feed.poll(100)
    missing = refuse("ResourceNotFoundException")
    kinesis.proxy.on(("ListShards",), *[missing] * MANY)
    kinesis.proxy.on(("GetRecords",), *[missing] * MANY)

    with pytest.raises(FeedUnavailable):
        feed.poll(100)
    assert SHARD_END not in kinesis.checkpoints().values()
    clock.pass_by(RENEW_SECONDS)
    with pytest.raises(FeedUnavailable):
        feed.poll(100)


def test_a_shard_that_is_listed_and_not_found_is_not_taken_for_one_that_has_ended(kinesis: KinesisFeeds) -> None:
    feed = kinesis.worker()
    kinesis.ring(0, "s", 1)
    kinesis.proxy.on(("GetRecords",), refuse("ResourceNotFoundException"))

    with pytest.raises(FeedUnavailable):
        feed.poll(100)
    assert rung(feed.poll(100)) == [("s", 1)]


@pytest.mark.parametrize("error", ["InvalidArgumentException", "ResourceNotFoundException"])
def test_an_iterator_of_a_stream_that_is_gone_is_not_used_again(kinesis: KinesisFeeds, error: str) -> None:
    """Another stream has the name by now."""
    feed = kinesis.worker()
    kinesis.ring(0, "s", 1)
    feed.acknowledge(feed.poll(100))
    kinesis.ring(0, "s", 2)
    kinesis.proxy.on(("GetRecords",), refuse(error))

    assert rung(feed.poll(100)) == [("s", 2)]
    first, second, *_ = kinesis.proxy.bodies("GetShardIterator")
    assert (first["ShardIteratorType"], second["ShardIteratorType"]) == ("TRIM_HORIZON", "AFTER_SEQUENCE_NUMBER")


@pytest.mark.parametrize("error", ["InvalidArgumentException", "ResourceNotFoundException"])
def test_an_iterator_that_is_refused_as_soon_as_it_is_made_is_made_anew_by_the_next_poll(
    kinesis: KinesisFeeds, error: str
) -> None:
    feed = kinesis.worker()
    feed.poll(100)
    kinesis.ring(0, "s", 1)
    kinesis.proxy.on(("GetRecords",), refuse(error), refuse(error))

    with pytest.raises(FeedUnavailable):
        feed.poll(100)
    assert rung(feed.poll(100)) == [("s", 1)]
    assert len(kinesis.proxy.bodies("GetShardIterator")) == 3


def test_shards_are_listed_to_the_last_page(open_kinesis: Callable[[int], KinesisFeeds]) -> None:
    """AWS wants the token alone; MiniStack wants the stream's name beside it, so that it cannot give the second page."""
    kinesis = open_kinesis(3)
    first, *others = kinesis.direct.list_shards(StreamName=kinesis.names.stream)["Shards"]
    pages = ({"Shards": [first], "NextToken": "a token"}, {"Shards": others})
    kinesis.proxy.on(("ListShards",), *[respond(200, page) for page in pages])
    for shard in range(3):
        kinesis.ring(shard, f"s-{shard}", 1)

    assert sorted(rung(kinesis.worker().poll(100))) == [("s-0", 1), ("s-1", 1), ("s-2", 1)]
    assert kinesis.proxy.bodies("ListShards")[1] == {"NextToken": "a token"}
