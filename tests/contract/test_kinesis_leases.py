"""Several workers on one stream: each shard has one reader, who dies is succeeded, and nobody moves the checkpoint of another."""

from collections.abc import Callable
from contextlib import closing

import pytest

from adapters.kinesis.event_feed import KinesisEventFeed
from adapters.kinesis.lease import TRIM_HORIZON
from adapters.kinesis.sharing import LEASE_SECONDS, RENEW_SECONDS
from core.ports.event_feed import Delivery
from tests.contract.kinesis_harness import Clock, KinesisFeeds, rung
from tests.support.commits import fill
from tests.support.faulty_proxy import lose_answer

pytestmark = pytest.mark.kinesis


class Worker:
    """A worker of the projector with its own clock."""

    def __init__(self, kinesis: KinesisFeeds) -> None:
        """Start."""
        self.clock = Clock()
        self.feed: KinesisEventFeed = kinesis.worker(environment=self.clock.environment)

    def poll(self, seconds_later: float = 0.0) -> list[Delivery]:
        """Poll when so much more time has passed."""
        self.clock.pass_by(seconds_later)
        return list(self.feed.poll(100))

    def outlive_the_others(self) -> list[Delivery]:
        """Poll when the leases of those who say nothing have run out, seen from here."""
        self.poll(RENEW_SECONDS)
        return self.poll(LEASE_SECONDS)


def ring_three(kinesis: KinesisFeeds) -> list[str]:
    """Put three records into shard 0; give their sequence numbers."""
    return kinesis.ring(0, "s", 1, 2, 3)


def test_what_was_acknowledged_is_not_given_to_the_next_worker(kinesis: KinesisFeeds) -> None:
    ring_three(kinesis)
    with closing(kinesis.worker()) as feed:
        feed.acknowledge(feed.poll(100)[:2])

    assert rung(kinesis.worker().poll(100)) == [("s", 3)]


def test_nothing_is_checkpointed_before_it_is_acknowledged(kinesis: KinesisFeeds) -> None:
    ring_three(kinesis)
    worker = Worker(kinesis)
    for _ in range(3):
        assert rung(worker.poll(RENEW_SECONDS)) == [("s", 1), ("s", 2), ("s", 3)]

    assert kinesis.checkpoints()["0"] == TRIM_HORIZON
    assert rung(Worker(kinesis).outlive_the_others()) == [("s", 1), ("s", 2), ("s", 3)]


def test_the_checkpoint_is_below_the_first_that_is_not_acknowledged(kinesis: KinesisFeeds) -> None:
    numbers = ring_three(kinesis)
    with closing(kinesis.worker()) as feed:
        first, _, third = feed.poll(100)
        feed.acknowledge([third])
        assert kinesis.checkpoints()["0"] == TRIM_HORIZON
        feed.acknowledge([first])
        assert kinesis.checkpoints()["0"] == numbers[0]
    assert rung(kinesis.worker().poll(100)) == [("s", 2), ("s", 3)]


def test_an_acknowledgement_is_kept_when_it_returns(kinesis: KinesisFeeds) -> None:
    numbers = ring_three(kinesis)
    feed = kinesis.worker()
    feed.acknowledge(feed.poll(100))

    assert kinesis.checkpoints()["0"] == numbers[2]


def test_records_that_are_nobody_s_move_the_checkpoint_too(kinesis: KinesisFeeds) -> None:
    worker = Worker(kinesis)
    kinesis.ring(0, "s", 1, kind="MODIFY")
    kinesis.ring(0, "s", 1, kind="REMOVE")
    (foreign,) = kinesis.ring(0, "s", 1, table="another")
    assert worker.poll() == []
    assert worker.poll(RENEW_SECONDS) == []
    assert kinesis.checkpoints()["0"] == foreign

    kinesis.ring(0, "s", 1)
    (modified,) = kinesis.ring(0, "s", 1, kind="MODIFY")
    worker.feed.acknowledge(worker.poll())
    assert kinesis.checkpoints()["0"] == modified


def test_a_worker_whose_lease_was_taken_cannot_checkpoint_and_drops_what_it_holds(kinesis: KinesisFeeds) -> None:
    ring_three(kinesis)
    slow, next_one = Worker(kinesis), Worker(kinesis)
    held = slow.poll()
    taken = next_one.outlive_the_others()
    assert rung(held) == rung(taken) == [("s", 1), ("s", 2), ("s", 3)]
    before = kinesis.leases().all()

    slow.feed.acknowledge(held)

    assert kinesis.leases().all() == before
    assert slow.poll() == []
    assert rung(next_one.poll()) == [("s", 1), ("s", 2), ("s", 3)]
    next_one.feed.acknowledge(taken[:1])
    assert rung(Worker(kinesis).outlive_the_others()) == [("s", 2), ("s", 3)]


def test_a_worker_whose_lease_was_taken_does_not_go_on_reading_when_it_comes_to_renew_it(
    open_kinesis: Callable[[int], KinesisFeeds],
) -> None:
    kinesis = open_kinesis(1)
    ring_three(kinesis)
    slow, next_one = Worker(kinesis), Worker(kinesis)
    slow.poll()
    next_one.outlive_the_others()
    owners = kinesis.owners()

    assert slow.poll(RENEW_SECONDS) == []
    assert kinesis.owners() == owners


def test_a_worker_that_goes_on_keeps_its_leases(kinesis: KinesisFeeds) -> None:
    ring_three(kinesis)
    steady, other = Worker(kinesis), Worker(kinesis)
    steady.poll()
    owners = kinesis.owners()
    for _ in range(5):
        other.poll(RENEW_SECONDS)
        steady.poll(RENEW_SECONDS)
        other.clock.pass_by(LEASE_SECONDS)

    # Two shards, two workers: one of them was given up, to share; the other's lease never ran out.
    assert sorted(kinesis.owners().values()) == [1, 1]
    assert kinesis.owners().keys() > owners.keys()


def test_a_dead_worker_is_succeeded_by_who_sees_it_say_nothing(kinesis: KinesisFeeds) -> None:
    fill(kinesis.store, "s", 20)
    dead, heir = Worker(kinesis), Worker(kinesis)
    died_with = dead.poll()
    dead.feed.acknowledge(died_with[:5])

    inherited = heir.outlive_the_others()

    assert sorted(rung(inherited)) == sorted(rung(died_with[5:]))
    heir.feed.acknowledge(inherited)
    assert heir.poll() == []


def test_a_lease_is_not_taken_before_its_time_is_up_for_who_takes_it(kinesis: KinesisFeeds) -> None:
    """However old it is by anybody else's clock: a worker that starts cannot know when it was renewed."""
    open_shards = len(kinesis.shards())
    Worker(kinesis).poll()
    heir = Worker(kinesis)
    owners = kinesis.owners()
    assert sum(owners.values()) == open_shards

    heir.poll(10 * LEASE_SECONDS)  # the first look takes one to share, whoever has it; the rest it has just seen
    assert max(kinesis.owners().values()) == open_shards - 1
    heir.poll(LEASE_SECONDS - 1)
    assert set(owners) & set(kinesis.owners())
    heir.poll(RENEW_SECONDS)
    assert list(kinesis.owners().values()) == [open_shards]


def test_workers_come_to_have_as_many_shards_as_each_other(open_kinesis: Callable[[int], KinesisFeeds]) -> None:
    kinesis = open_kinesis(6)
    workers = [Worker(kinesis) for _ in range(3)]
    workers[0].poll()
    assert list(kinesis.owners().values()) == [6]
    before = kinesis.owners()
    workers[1].poll()
    assert sorted(kinesis.owners().values()) == [1, 5]  # one at a time
    for _ in range(6):
        for worker in workers:
            worker.poll(RENEW_SECONDS)

    assert sorted(kinesis.owners().values()) == [2, 2, 2]
    assert before.keys() < kinesis.owners().keys()


def test_workers_that_share_a_stream_give_everything_and_each_shard_has_one_reader(
    open_kinesis: Callable[[int], KinesisFeeds],
) -> None:
    kinesis = open_kinesis(6)
    workers = [Worker(kinesis) for _ in range(3)]
    taken: list[tuple[str, int]] = []
    for turn in range(15):
        fill(kinesis.store, f"s-{turn}", 4)
        worker = workers[turn % 3]
        deliveries = worker.poll(RENEW_SECONDS)
        taken += rung(deliveries)
        worker.feed.acknowledge(deliveries)
    for _ in range(2):
        for worker in workers:
            deliveries = worker.poll(RENEW_SECONDS)
            taken += rung(deliveries)
            worker.feed.acknowledge(deliveries)

    assert set(taken) == {(event.stream, event.version) for event in kinesis.store.replay()}
    assert sorted(kinesis.owners().values()) == [2, 2, 2]


def test_who_closes_leaves_its_shards_at_once(kinesis: KinesisFeeds) -> None:
    ring_three(kinesis)
    with closing(kinesis.worker()) as feed:
        feed.acknowledge(feed.poll(100)[:1])
        assert kinesis.owners()
    assert not kinesis.owners()

    assert rung(kinesis.worker().poll(100)) == [("s", 2), ("s", 3)]


def test_projectors_have_leases_and_checkpoints_of_their_own(kinesis: KinesisFeeds) -> None:
    ring_three(kinesis)
    one, other = kinesis.worker("one"), kinesis.worker("other")
    one.acknowledge(one.poll(100))

    assert rung(other.poll(100)) == [("s", 1), ("s", 2), ("s", 3)]


@pytest.mark.parametrize("times", [1, 2])
def test_a_checkpoint_whose_answer_is_lost_is_the_worker_s_own(kinesis: KinesisFeeds, times: int) -> None:
    numbers = ring_three(kinesis)
    feed = kinesis.worker()
    deliveries = feed.poll(100)
    kinesis.leases_proxy.on(("UpdateItem",), *[lose_answer] * times)

    feed.acknowledge(deliveries[:1])
    assert kinesis.checkpoints()["0"] == numbers[0]
    feed.acknowledge(deliveries[1:])

    assert kinesis.checkpoints()["0"] == numbers[2]
    assert len(kinesis.leases_proxy.done) == times


def test_a_lease_that_is_taken_though_the_answer_is_lost_is_had(kinesis: KinesisFeeds) -> None:
    ring_three(kinesis)
    feed = kinesis.worker()
    kinesis.leases_proxy.on(("UpdateItem",), lose_answer, lose_answer)

    assert rung(feed.poll(100)) == [("s", 1), ("s", 2), ("s", 3)]


def test_leases_are_read_to_the_last_page(kinesis: KinesisFeeds) -> None:
    """A page ends after 1 MB, before it is filtered."""
    for number in range(3):
        key = {"lease": {"S": f"another/{number}"}}
        kinesis.dynamodb.direct.put_item(TableName=kinesis.names.leases, Item=key | {"padding": {"S": "x" * 390_000}})
    ring_three(kinesis)
    kinesis.worker().poll(100)

    assert len(kinesis.leases().all()) == 2
    assert kinesis.dynamodb.direct.scan(TableName=kinesis.names.leases).get("LastEvaluatedKey")
