"""What cannot be told from DynamoDB's answers is settled by looking, or said to be unknown."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.ports.commit import Claim, Commit, Release
from core.ports.event_store import ClaimTaken, Conflict, OutcomeUnknown
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.contract.dynamodb_writes import (
    EACH,
    FOREVER,
    a_claim,
    dynamodb_of_ministack,
    one_event,
    stored_by,
    two_streams,
)
from tests.support.commits import AT, commit_of
from tests.support.faulty_proxy import after, lose_answer, lose_request, refuse

pytestmark = pytest.mark.ministack  # whose transactions are atomic, and whose tokens count
dynamodb = dynamodb_of_ministack


@EACH
def test_a_doubt_is_settled_by_looking_though_the_store_refuses_afterwards(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit]
) -> None:
    commit = make()
    dynamodb.proxy.on_writes(lose_answer, refuse("AccessDeniedException"))

    assert dynamodb.store.commit(commit).commit_id == commit.id


@EACH
def test_the_outcome_is_unknown_where_looking_fails_too(dynamodb: DynamoDBHarness, make: Callable[[], Commit]) -> None:
    commit = make()
    dynamodb.proxy.on_writes(*[lose_answer] * FOREVER)
    dynamodb.proxy.on_reads(*[lose_request] * FOREVER)

    with pytest.raises(OutcomeUnknown) as unknown:
        dynamodb.store.commit(commit)

    assert unknown.value.commit is commit
    assert dynamodb.another().commit(commit).commit_id == commit.id


def test_a_release_whose_answers_are_lost_leaves_nothing_to_look_at(dynamodb: DynamoDBHarness) -> None:
    dynamodb.proxy.on_writes(*[lose_answer] * FOREVER)

    with pytest.raises(OutcomeUnknown):
        dynamodb.store.commit(commit_of(claims=[Release("key", "me")]))


@pytest.mark.parametrize("make", [one_event, two_streams])
@pytest.mark.parametrize("times", [1, FOREVER])
def test_a_commit_that_wins_between_two_tries_is_a_conflict_for_the_other(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit], times: int
) -> None:
    winner = one_event()
    foreign = after(lambda: dynamodb.another().commit(winner), lose_request)
    dynamodb.proxy.on_writes(foreign, *[lose_request] * (times - 1))

    with pytest.raises(Conflict):
        dynamodb.store.commit(make())

    assert stored_by(dynamodb, "s") == [winner.id]
    assert stored_by(dynamodb, "t") == []


def test_a_claim_won_by_another_while_every_request_was_lost_is_taken(dynamodb: DynamoDBHarness) -> None:
    dynamodb.another().commit(a_claim())
    dynamodb.lose_requests(FOREVER)

    with pytest.raises(ClaimTaken):
        dynamodb.store.commit(a_claim())


def test_an_expired_claim_of_another_proves_nothing(dynamodb: DynamoDBHarness) -> None:
    dynamodb.another().commit(commit_of(claims=[Claim("key", "another", expires_at=AT)]))
    dynamodb.lose_requests(FOREVER)

    with pytest.raises(OutcomeUnknown):
        dynamodb.store.commit(commit_of(claims=[Claim("key", "me")], created_at=AT + timedelta(hours=1)))
