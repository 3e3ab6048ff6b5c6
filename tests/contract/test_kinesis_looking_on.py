"""A process that asks how the feed is, and reads nothing: it takes no shard, and tells what those who read have to do."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from adapters.kinesis.sharing import LEASE_SECONDS, RENEW_SECONDS
from tests.contract.kinesis_harness import Clock, KinesisFeeds, rung
from tests.support.commits import append, commit_of, fill
from tests.support.faulty_proxy import refuse

pytestmark = pytest.mark.kinesis

SLACK = 30.0
"""Seconds that a test may take."""


def commit_of_age(kinesis: KinesisFeeds, stream: str, seconds: float) -> None:
    """Write an event that happened so long ago."""
    kinesis.store.commit(commit_of(append(stream, 0), created_at=datetime.now(UTC) - timedelta(seconds=seconds)))


def test_who_only_looks_on_takes_no_shard(kinesis: KinesisFeeds) -> None:
    clock = Clock()
    onlooker, worker = kinesis.worker(environment=clock.environment), kinesis.worker()
    fill(kinesis.store, "s", 3)
    for _ in range(3):
        assert onlooker.lag_seconds() > 0
        assert onlooker.hindrance() == ""
        clock.pass_by(LEASE_SECONDS)
    assert not kinesis.leases().all()

    assert len(worker.poll(100)) == 3
    owners = kinesis.owners()
    assert onlooker.lag_seconds() > 0
    assert onlooker.hindrance() == ""
    assert kinesis.owners() == owners


def test_who_has_closed_looks_on(kinesis: KinesisFeeds) -> None:
    clock = Clock()
    with closing(kinesis.worker(environment=clock.environment)) as feed:
        fill(kinesis.store, "s", 1)
        feed.poll(100)
    clock.pass_by(RENEW_SECONDS)

    assert feed.lag_seconds() > 0
    assert feed.hindrance() == ""
    assert not kinesis.owners()


def test_a_worker_that_stopped_polling_keeps_no_shard_by_telling_its_lag(kinesis: KinesisFeeds) -> None:
    slow, heir = Clock(), Clock()
    stuck, worker = kinesis.worker(environment=slow.environment), kinesis.worker(environment=heir.environment)
    fill(kinesis.store, "s", 3)
    stuck.poll(100)
    for _ in range(3):
        heir.pass_by(LEASE_SECONDS / 2)
        worker.poll(100)
        slow.pass_by(LEASE_SECONDS / 2)
        stuck.lag_seconds()
        stuck.hindrance()

    assert sorted(rung(worker.poll(100))) == [("s", 1), ("s", 2), ("s", 3)]


def test_an_onlooker_tells_the_lag_of_those_who_read(kinesis: KinesisFeeds) -> None:
    clock = Clock()
    onlooker, worker = kinesis.worker(environment=clock.environment), kinesis.worker()
    commit_of_age(kinesis, "older", 600)
    commit_of_age(kinesis, "newer", 60)
    by_stream = {rung([each])[0][0]: each for each in worker.poll(100)}
    assert 600 <= onlooker.lag_seconds() < 600 + SLACK

    for stream, lag in (("older", 60), ("newer", 0)):
        worker.acknowledge([by_stream[stream]])
        clock.pass_by(RENEW_SECONDS)
        assert lag <= onlooker.lag_seconds() < lag + SLACK
    assert onlooker.lag_seconds() == 0


def test_an_onlooker_that_may_not_read_so_often_tells_what_it_saw_before(kinesis: KinesisFeeds) -> None:
    clock = Clock()
    onlooker = kinesis.worker(environment=clock.environment)
    commit_of_age(kinesis, "s", 600)
    assert onlooker.lag_seconds() >= 600
    kinesis.proxy.on(("GetRecords",), *[refuse("ProvisionedThroughputExceededException")] * 10)
    clock.pass_by(RENEW_SECONDS)

    assert onlooker.lag_seconds() >= 600
    assert kinesis.proxy.done


def test_an_onlooker_names_the_shard_of_a_dead_worker(kinesis: KinesisFeeds) -> None:
    clock = Clock()
    onlooker = kinesis.worker(environment=clock.environment)
    kinesis.worker().poll(100)
    for seconds in (0, LEASE_SECONDS - 1):
        clock.pass_by(seconds)
        assert onlooker.hindrance() == ""
    clock.pass_by(1)

    assert onlooker.hindrance().startswith(f"nobody reads the shard {kinesis.shards()[0]}")


def test_an_onlooker_misses_nobody_where_a_child_waits_for_its_parent(
    open_kinesis: Callable[[int], KinesisFeeds],
) -> None:
    kinesis = open_kinesis(3)
    parent, *children = kinesis.shards()
    kinesis.proxy.reshard((parent,), tuple(children))
    kinesis.ring(0, "s", 1)
    worker = kinesis.worker()
    assert rung(worker.poll(100)) == [("s", 1)]
    assert len(kinesis.leases().all()) == 3

    assert kinesis.worker().hindrance() == ""
