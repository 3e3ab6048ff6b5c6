"""Others who write while requests are lost: who has won is told, and told in the same order as on a good network."""

from collections.abc import Callable

import pytest

from core.ports.commit import Claim, Commit, Release
from core.ports.event_store import ClaimTaken, Conflict, OutcomeUnknown
from tests.contract.harness import EventStoreHarness
from tests.contract.small_commits import FOREVER, claims_alone, five_streams, one_event
from tests.support.commits import adding, append, commit_of, stock_added


@pytest.mark.parametrize("make", [one_event, five_streams])
@pytest.mark.parametrize("times", [1, FOREVER])
def test_a_commit_that_wins_while_requests_are_lost_makes_a_conflict_of_the_other(
    harness: EventStoreHarness, make: Callable[[], Commit], times: int
) -> None:
    winner = adding(stock_added(7), to="s", at_version=0)
    harness.lose_requests(times, meanwhile=lambda: harness.another().commit(winner))

    with pytest.raises(Conflict):
        harness.store.commit(make())

    assert harness.lost() == 1 if times == 1 else harness.lost() > 1
    assert [event.commit_id for event in harness.another().read("s")] == [winner.id]


@pytest.mark.parametrize("make", [one_event, five_streams])
@pytest.mark.parametrize("times", [1, FOREVER])
def test_a_commit_whose_answer_is_lost_is_a_success_though_another_goes_on_from_it(
    harness: EventStoreHarness, make: Callable[[], Commit], times: int
) -> None:
    commit = make()
    another = commit_of(*(append(each.stream, 1) for each in commit.appends))
    harness.lose_answers(times, meanwhile=lambda: harness.another().commit(another))

    assert harness.store.commit(commit).positions == commit.positions

    assert harness.lost() == 1 if times == 1 else harness.lost() > 1
    for each in commit.appends:
        assert [event.commit_id for event in harness.another().read(each.stream)] == [commit.id, another.id]


@pytest.mark.parametrize("make", [five_streams, claims_alone])
@pytest.mark.parametrize("winner", [claims_alone, five_streams])
@pytest.mark.parametrize("times", [1, FOREVER])
def test_a_claim_that_another_takes_while_requests_are_lost_is_told_first(
    harness: EventStoreHarness, make: Callable[[], Commit], winner: Callable[[], Commit], times: int
) -> None:
    harness.lose_requests(times, meanwhile=lambda: harness.another().commit(winner()))

    with pytest.raises(ClaimTaken) as taken:
        harness.store.commit(make())

    assert taken.value.key == "key"
    assert harness.lost() == 1 if times == 1 else harness.lost() > 1


@pytest.mark.parametrize("times", [1, FOREVER])
def test_a_release_that_cannot_be_proved_is_no_conflict_though_another_claims_the_key_then(
    harness: EventStoreHarness, times: int
) -> None:
    harness.another().commit(commit_of(claims=[Claim("key", "me")]))

    def let_go_and_taken() -> None:  # to who asked the same as if the first try had let it go
        harness.another().commit(commit_of(claims=[Release("key", "me")]))
        harness.another().commit(commit_of(claims=[Claim("key", "another")]))

    harness.lose_requests(times, meanwhile=let_go_and_taken)

    with pytest.raises(OutcomeUnknown):
        harness.store.commit(commit_of(claims=[Release("key", "me")]))

    assert harness.lost() == 1 if times == 1 else harness.lost() > 1
