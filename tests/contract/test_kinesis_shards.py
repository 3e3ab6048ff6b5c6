"""Shards that are split and merged while they are read: nothing is lost, and a parent is dealt with before its children."""

from collections.abc import Callable, Sequence
from itertools import chain

import pytest

from adapters.kinesis.event_feed import KinesisEventFeed
from adapters.kinesis.lease import SHARD_END
from adapters.kinesis.sharing import LEASE_SECONDS, RENEW_SECONDS
from core.ports.event_feed import Delivery
from tests.contract.kinesis_harness import Clock, KinesisFeeds, rung

pytestmark = pytest.mark.kinesis


@pytest.fixture
def kinesis(open_kinesis: Callable[[int], KinesisFeeds]) -> KinesisFeeds:
    """Give a stream of three shards, so that one can be split into two others, or two merged into another."""
    return open_kinesis(3)


def split(kinesis: KinesisFeeds) -> None:
    """Split shard 0 into 1 and 2."""
    parent, *children = kinesis.shards()
    kinesis.proxy.reshard((parent,), tuple(children))


def merge(kinesis: KinesisFeeds) -> None:
    """Merge shards 0 and 1 into 2."""
    *parents, child = kinesis.shards()
    kinesis.proxy.reshard(tuple(parents), (child,))


def polled(feed: KinesisEventFeed) -> Sequence[Delivery]:
    """Poll as often as it takes until nothing more comes."""
    deliveries: Sequence[Delivery] = []
    for _ in range(3):
        deliveries = feed.poll(100)
    return deliveries


def test_a_split_loses_nothing_and_the_parent_is_dealt_with_before_its_children(kinesis: KinesisFeeds) -> None:
    kinesis.proxy.hide(*kinesis.shards()[1:])
    clock = Clock()
    feed = kinesis.worker(environment=clock.environment)
    kinesis.ring(0, "s", 1, 2)
    first = feed.poll(100)
    assert rung(first) == [("s", 1), ("s", 2)]
    kinesis.ring(0, "s", 3)
    split(kinesis)
    kinesis.ring(1, "s", 4)
    kinesis.ring(2, "t", 1)
    clock.pass_by(RENEW_SECONDS)

    of_the_parent = polled(feed)
    assert rung(of_the_parent) == [("s", 1), ("s", 2), ("s", 3)]
    feed.acknowledge(of_the_parent[:2])
    clock.pass_by(RENEW_SECONDS)
    assert rung(polled(feed)) == [("s", 3)]
    feed.acknowledge(of_the_parent)

    assert sorted(rung(polled(feed))) == [("s", 4), ("t", 1)]


def test_a_merge_loses_nothing_and_both_parents_are_dealt_with_before_the_child(kinesis: KinesisFeeds) -> None:
    kinesis.proxy.hide(kinesis.shards()[2])
    clock = Clock()
    feed = kinesis.worker(environment=clock.environment)
    kinesis.ring(0, "s", 1)
    kinesis.ring(1, "t", 1)
    merge(kinesis)
    kinesis.ring(2, "s", 2)
    kinesis.ring(2, "t", 2)

    of_the_parents = {place: each for each in polled(feed) for place in rung([each])}
    assert sorted(of_the_parents) == [("s", 1), ("t", 1)]
    feed.acknowledge([of_the_parents["s", 1]])
    clock.pass_by(RENEW_SECONDS)
    assert rung(polled(feed)) == [("t", 1)]
    feed.acknowledge([of_the_parents["t", 1]])

    assert rung(polled(feed)) == [("s", 2), ("t", 2)]


def test_the_children_are_read_as_soon_as_a_parent_that_nobody_waits_for_has_ended(kinesis: KinesisFeeds) -> None:
    kinesis.proxy.hide(*kinesis.shards()[1:])
    feed = kinesis.worker()
    feed.acknowledge(feed.poll(100))
    split(kinesis)
    kinesis.ring(1, "s", 1)
    kinesis.ring(2, "t", 1)

    assert sorted(rung(feed.poll(100))) == [("s", 1), ("t", 1)]


def test_a_stream_that_was_split_long_ago_is_read_from_its_first_shard_on(kinesis: KinesisFeeds) -> None:
    split(kinesis)
    kinesis.ring(0, "s", 1, 2)
    kinesis.ring(1, "s", 3)
    kinesis.ring(2, "s", 4)
    feed = kinesis.worker()

    taken = []
    for _ in range(5):
        deliveries = feed.poll(100)
        feed.acknowledge(deliveries)
        taken.append(rung(deliveries))

    assert list(chain(*taken))[:2] == [("s", 1), ("s", 2)]
    assert sorted(chain(*taken)) == [("s", 1), ("s", 2), ("s", 3), ("s", 4)]


def test_another_worker_too_waits_for_the_end_of_the_parent(kinesis: KinesisFeeds) -> None:
    kinesis.proxy.hide(*kinesis.shards()[1:])
    clock = Clock()
    one, other = kinesis.worker(), kinesis.worker(environment=clock.environment)
    kinesis.ring(0, "s", 1)
    of_the_parent = one.poll(100)
    split(kinesis)
    kinesis.ring(1, "s", 2)
    kinesis.ring(2, "t", 1)
    one.poll(100)

    assert other.poll(100) == []
    one.acknowledge(of_the_parent)
    clock.pass_by(RENEW_SECONDS)

    assert sorted(rung(other.poll(100))) == [("s", 2), ("t", 1)]


def test_a_shard_s_end_is_kept_when_all_of_it_is_dealt_with_and_not_before(kinesis: KinesisFeeds) -> None:
    kinesis.proxy.hide(*kinesis.shards()[1:])
    feed = kinesis.worker()
    first, _ = kinesis.ring(0, "s", 1, 2)
    split(kinesis)
    deliveries = polled(feed)

    feed.acknowledge(deliveries[:1])
    assert kinesis.checkpoints()["0"] == first
    feed.acknowledge(deliveries[1:])
    assert kinesis.checkpoints()["0"] == SHARD_END


def test_the_lease_of_a_shard_that_has_ended_goes_when_the_shard_is_gone_from_the_list(kinesis: KinesisFeeds) -> None:
    split(kinesis)
    clock = Clock()
    feed = kinesis.worker(environment=clock.environment)
    kinesis.ring(0, "s", 1)
    feed.acknowledge(polled(feed))
    clock.pass_by(RENEW_SECONDS)
    polled(feed)
    assert kinesis.checkpoints()["0"] == SHARD_END  # it is still listed: without a lease it would be taken for new

    kinesis.proxy.forget(kinesis.shards()[0])
    clock.pass_by(RENEW_SECONDS)
    polled(feed)

    assert sorted(kinesis.checkpoints()) == ["1", "2"]


def test_the_lease_of_a_shard_that_is_gone_stays_until_its_end_is_checkpointed(kinesis: KinesisFeeds) -> None:
    split(kinesis)
    clock = Clock()
    feed = kinesis.worker(environment=clock.environment)
    kinesis.ring(0, "s", 1)
    kinesis.ring(1, "s", 2)
    deliveries = feed.poll(100)
    kinesis.proxy.forget(kinesis.shards()[0])
    clock.pass_by(RENEW_SECONDS)

    assert rung(polled(feed)) == [("s", 1)]
    assert kinesis.checkpoints()["0"] != SHARD_END
    feed.acknowledge(deliveries)
    assert rung(polled(feed)) == [("s", 2)]


def test_a_shard_that_kinesis_has_forgotten_does_not_keep_its_children_waiting(kinesis: KinesisFeeds) -> None:
    """MiniStack does that to each parent; on AWS it is one whose records are all past retention."""
    clock = Clock()
    feed = kinesis.worker(environment=clock.environment)
    kinesis.ring(0, "s", 1, 2)
    kinesis.ring(2, "t", 1)
    read = [each for each in polled(feed) if rung([each])[0][0] == "s"]
    middle = next(
        int(each["HashKeyRange"]["EndingHashKey"]) // 2
        for each in kinesis.direct.list_shards(StreamName=kinesis.names.stream)["Shards"]
    )
    kinesis.direct.split_shard(
        StreamName=kinesis.names.stream, ShardToSplit=kinesis.shards()[0], NewStartingHashKey=str(middle)
    )
    kinesis.ring(3, "u", 1)
    clock.pass_by(RENEW_SECONDS)

    assert sorted(rung(polled(feed))) == [("s", 1), ("s", 2), ("t", 1)]
    feed.acknowledge(read)
    assert sorted(rung(polled(feed))) == [("t", 1), ("u", 1)]


def test_a_split_while_two_workers_read_loses_nothing(kinesis: KinesisFeeds) -> None:
    kinesis.proxy.hide(*kinesis.shards()[1:])
    clocks = [Clock(), Clock()]
    workers = [kinesis.worker(environment=clock.environment) for clock in clocks]
    taken: list[tuple[str, int]] = []
    for turn in range(1, 13):
        kinesis.ring(0 if turn < 5 else 1 + turn % 2, "s", turn)
        if turn == 4:
            split(kinesis)
        worker = workers[turn % 2]
        clocks[turn % 2].pass_by(LEASE_SECONDS / 2)
        deliveries = worker.poll(100)
        taken += rung(deliveries)
        worker.acknowledge(deliveries)
    for worker, clock in zip(workers * 3, clocks * 3, strict=True):
        clock.pass_by(RENEW_SECONDS)
        deliveries = worker.poll(100)
        taken += rung(deliveries)
        worker.acknowledge(deliveries)

    assert {version for _, version in taken} == set(range(1, 13))
    assert max(taken.index(("s", version)) for version in range(1, 5)) < taken.index(("s", 5))
