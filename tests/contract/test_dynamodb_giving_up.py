"""When DynamoDB refuses every try: what is looked up before a commit is given up, and what is said then."""

from collections.abc import Callable

import pytest

from core.ports.commit import Append, Claim, Commit, Release
from core.ports.event_store import ClaimTaken, Conflict, OutcomeUnknown, StoreUnavailable
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.contract.dynamodb_writes import (
    EACH,
    FOREVER,
    a_claim,
    cancelled,
    dynamodb_of_ministack,
    one_event,
    stored_by,
    two_streams,
)
from tests.support.commits import append, commit_of
from tests.support.faulty_proxy import WRITES, Fault, lose_answer, lose_request, refuse

pytestmark = pytest.mark.ministack  # whose transactions are atomic, and whose tokens count
dynamodb = dynamodb_of_ministack

THROTTLED = [refuse("ThrottlingException")] * FOREVER


def writes(dynamodb: DynamoDBHarness) -> int:
    """Give how many writes were asked for."""
    return sum(operation in WRITES for operation in dynamodb.proxy.operations())


@EACH
def test_an_unknown_outcome_is_proved_by_looking_though_every_repeat_is_refused(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit]
) -> None:
    commit = make()
    dynamodb.proxy.on_writes(*[lose_answer] * FOREVER)
    dynamodb.proxy.on_reads(*[lose_request] * FOREVER)
    with pytest.raises(OutcomeUnknown):
        dynamodb.store.commit(commit)
    dynamodb.proxy.on_writes(*THROTTLED)
    dynamodb.proxy.on_reads()

    assert dynamodb.store.commit(commit).commit_id == commit.id


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (one_event, refuse("ThrottlingException")),
        (one_event, refuse("TransactionConflictException")),
        (two_streams, cancelled("TransactionConflict", "None")),
        (two_streams, refuse("ThrottlingException")),
        (a_claim, cancelled("TransactionConflict")),
    ],
)
def test_a_store_that_refuses_every_try_is_unavailable_and_nothing_is_there(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit], fault: Fault
) -> None:
    dynamodb.proxy.on_writes(*[fault] * FOREVER)

    with pytest.raises(StoreUnavailable):
        dynamodb.store.commit(make())

    assert writes(dynamodb) > 3
    assert stored_by(dynamodb, "s") == []


@pytest.mark.parametrize("reads", [[], [lose_request] * FOREVER], ids=["found empty", "not to be looked at"])
@EACH
def test_one_doubtful_try_among_refusals_leaves_the_outcome_unknown(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit], reads: list[Fault]
) -> None:
    dynamodb.proxy.on_writes(lose_request, *THROTTLED)
    dynamodb.proxy.on_reads(*reads)

    with pytest.raises(OutcomeUnknown):
        dynamodb.store.commit(make())


@EACH
def test_refusals_alone_are_unavailable_though_nothing_can_be_looked_at(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit]
) -> None:
    dynamodb.proxy.on_writes(*THROTTLED)
    dynamodb.proxy.on_reads(*[lose_request] * FOREVER)

    with pytest.raises(StoreUnavailable):
        dynamodb.store.commit(make())


@pytest.mark.parametrize("make", [one_event, two_streams])
def test_a_winner_is_found_though_every_try_was_refused(dynamodb: DynamoDBHarness, make: Callable[[], Commit]) -> None:
    dynamodb.another().commit(one_event())
    dynamodb.proxy.on_writes(*THROTTLED)

    with pytest.raises(Conflict):
        dynamodb.store.commit(make())


@pytest.mark.parametrize("first", [[], [append("s", 0)]], ids=["claims alone", "with an event"])
def test_a_taken_claim_is_found_though_every_try_was_refused(dynamodb: DynamoDBHarness, first: list[Append]) -> None:
    dynamodb.another().commit(commit_of(append("s", 0), claims=[Claim("second", "another")]))
    dynamodb.proxy.on_writes(*THROTTLED)

    with pytest.raises(ClaimTaken) as taken:
        dynamodb.store.commit(commit_of(*first, claims=[Claim("first", "me"), Claim("second", "me")]))

    assert taken.value.key == "second"


def test_any_claim_of_its_own_proves_a_commit(dynamodb: DynamoDBHarness) -> None:
    commit = commit_of(claims=[Claim("first", "me"), Claim("second", "me")])
    dynamodb.another().commit(commit)
    dynamodb.another().commit(commit_of(claims=[Release("first", "me")]))
    dynamodb.another().commit(commit_of(claims=[Claim("first", "another")]))
    dynamodb.proxy.on_writes(*THROTTLED)

    assert dynamodb.store.commit(commit).commit_id == commit.id


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (one_event, refuse("ValidationException")),
        (one_event, refuse("ResourceNotFoundException")),
        (two_streams, refuse("AccessDeniedException")),
        (two_streams, cancelled("ValidationError", "TransactionConflict")),
    ],
)
def test_what_is_refused_for_good_is_not_repeated(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit], fault: Fault
) -> None:
    dynamodb.proxy.on_writes(*[fault] * FOREVER)

    with pytest.raises(StoreUnavailable):
        dynamodb.store.commit(make())

    assert writes(dynamodb) == 1
