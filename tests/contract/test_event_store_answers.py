"""Lost requests and lost answers: what an event store owes when the network fails."""

from collections.abc import Callable

import pytest

from core.ports.commit import Claim, Commit
from core.ports.event_store import ClaimTaken, Conflict, OutcomeUnknown, StoreUnavailable
from tests.contract.harness import EventStoreHarness
from tests.support.commits import AT, adding, append, commit_of, new_id, stock_added, versions

FOREVER = 10_000


def one_event() -> Commit:
    return adding(stock_added(), to="s", at_version=0)


def five_streams() -> Commit:
    return commit_of(append("s", 0), *(append(f"s-{number}", 0) for number in range(4)), claims=[Claim("key", "me")])


def claims_alone() -> Commit:
    return commit_of(claims=[Claim("key", "me")])


@pytest.mark.parametrize("make", [one_event, five_streams])
def test_a_commit_is_written_once_though_its_acknowledgement_is_lost(
    harness: EventStoreHarness, make: Callable[[], Commit]
) -> None:
    commit = make()
    harness.lose_answers(1)

    committed = harness.store.commit(commit)

    assert committed.commit_id == commit.id
    assert versions(harness.another(), "s") == [1]


def test_claims_alone_are_held_once_though_the_acknowledgement_is_lost(harness: EventStoreHarness) -> None:
    harness.lose_answers(2)

    harness.store.commit(claims_alone())

    with pytest.raises(ClaimTaken):
        harness.store.commit(claims_alone())


@pytest.mark.parametrize("make", [one_event, five_streams, claims_alone])
def test_a_lost_request_is_sent_again(harness: EventStoreHarness, make: Callable[[], Commit]) -> None:
    harness.lose_requests(2)

    commit = make()
    assert harness.store.commit(commit).commit_id == commit.id

    assert versions(harness.another(), "s") == [1][: len(commit.appends)]


@pytest.mark.parametrize("make", [one_event, five_streams])
def test_a_foreign_winner_at_the_same_version_is_a_conflict_though_requests_were_lost(
    harness: EventStoreHarness, make: Callable[[], Commit]
) -> None:
    harness.another().commit(adding(stock_added(7), to="s", at_version=0))
    harness.lose_answers(1)

    with pytest.raises(Conflict):
        harness.store.commit(make())

    (event,) = harness.another().read("s")
    assert b'"quantity":7' in event.data


@pytest.mark.parametrize("make", [one_event, five_streams, claims_alone])
def test_an_outcome_that_cannot_be_proved_is_said_to_be_unknown(
    harness: EventStoreHarness, make: Callable[[], Commit]
) -> None:
    commit = make()
    harness.lose_requests(FOREVER)

    with pytest.raises(OutcomeUnknown) as unknown:
        harness.store.commit(commit)

    assert unknown.value.commit == commit


@pytest.mark.parametrize("make", [one_event, five_streams, claims_alone])
def test_the_same_commit_later_settles_an_unknown_outcome(
    harness: EventStoreHarness, make: Callable[[], Commit]
) -> None:
    commit = make()
    harness.lose_requests(FOREVER)
    with pytest.raises(OutcomeUnknown):
        harness.store.commit(commit)
    harness.lose_requests(0)

    assert harness.store.commit(commit).commit_id == commit.id
    assert harness.store.commit(commit).commit_id == commit.id

    assert versions(harness.another(), "s") == [1][: len(commit.appends)]


@pytest.mark.parametrize("make", [one_event, five_streams, claims_alone])
def test_a_commit_whose_every_answer_is_lost_is_found_by_looking_it_up(
    harness: EventStoreHarness, make: Callable[[], Commit]
) -> None:
    commit = make()
    harness.lose_answers(FOREVER)

    assert harness.store.commit(commit).commit_id == commit.id


def test_a_commit_that_lost_while_every_answer_was_lost_is_a_conflict(harness: EventStoreHarness) -> None:
    harness.another().commit(adding(stock_added(7), to="s", at_version=0))
    harness.lose_answers(FOREVER)

    with pytest.raises(Conflict):
        harness.store.commit(one_event())


@pytest.mark.parametrize(
    "harness", [pytest.param(name, marks=getattr(pytest.mark, name)) for name in ("moto", "ministack")], indirect=True
)
def test_a_store_that_nobody_listens_for_is_unavailable(harness: EventStoreHarness) -> None:
    store = harness.unreachable()

    for attempt in (
        lambda: store.commit(one_event()),
        lambda: list(store.read("s")),
        lambda: list(store.replay()),
        lambda: list(store.heads()),
        lambda: store.find_claim(new_id(), AT),
        store.incarnation,
    ):
        with pytest.raises(StoreUnavailable):
            attempt()


def test_the_crash_points_around_a_write_are_passed(harness: EventStoreHarness) -> None:
    harness.store.commit(one_event())

    assert harness.failpoints.passed == ["write.before", "write.after"]


def test_a_crash_before_the_write_leaves_nothing_and_one_after_it_everything(harness: EventStoreHarness) -> None:
    class Crash(BaseException):
        """The process dies here."""

    def crash() -> None:
        raise Crash

    harness.failpoints.armed = {"write.before": [crash]}
    with pytest.raises(Crash):
        harness.store.commit(one_event())
    assert versions(harness.another(), "s") == []

    harness.failpoints.armed = {"write.after": [crash]}
    with pytest.raises(Crash):
        harness.store.commit(five_streams())
    assert versions(harness.another(), "s") == [1]
