"""Lost requests and lost answers: what an event store owes when the network fails."""

from collections.abc import Callable

import pytest

from core.ports.commit import Commit
from core.ports.event_store import ClaimTaken, OutcomeUnknown, StoreUnavailable
from tests.contract.conftest import marked
from tests.contract.harness import EventStoreHarness
from tests.contract.small_commits import FOREVER, claims_alone, five_streams, one_event
from tests.support.commits import AT, new_id, versions


@pytest.mark.parametrize("make", [one_event, five_streams])
def test_a_commit_is_written_once_though_its_acknowledgement_is_lost(
    harness: EventStoreHarness, make: Callable[[], Commit]
) -> None:
    commit = make()
    harness.lose_answers(1)

    committed = harness.store.commit(commit)

    assert harness.lost() == 1
    assert committed.commit_id == commit.id
    for append in commit.appends:
        assert [event.commit_id for event in harness.another().read(append.stream)] == [commit.id]
    for claim in commit.claims:
        held = harness.another().find_claim(claim.key, AT)
        assert held is not None
        assert held.commit_id == commit.id


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


@pytest.mark.parametrize("make", [one_event, five_streams, claims_alone])
def test_an_earlier_success_is_found_though_every_request_of_the_repeat_is_lost(
    harness: EventStoreHarness, make: Callable[[], Commit]
) -> None:
    commit = make()
    harness.another().commit(commit)
    harness.lose_requests(FOREVER)

    assert harness.store.commit(commit).commit_id == commit.id

    assert harness.lost() > 1


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


@pytest.mark.parametrize("harness", marked(("moto", "ministack", "postgres", "postgres-system")), indirect=True)
def test_a_store_that_nobody_listens_for_is_unavailable(harness: EventStoreHarness) -> None:
    store = harness.unreachable()

    for attempt in (
        lambda: store.commit(one_event()),
        lambda: list(store.read("s")),
        lambda: list(store.replay()),
        lambda: list(store.heads()),
        lambda: list(store.changed_since(AT)),
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
