"""What the reasons of a refused condition or a cancelled transaction tell, and what they hide."""

import pytest

from core.ports.commit import Check, Claim, Release
from core.ports.event_store import ClaimTaken, Conflict
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.contract.dynamodb_writes import dynamodb_of_ministack, one_event
from tests.support.commits import adding, append, commit_of, new_id, stock_added, versions
from tests.support.faulty_proxy import Fault, lose_answer, refuse

pytestmark = pytest.mark.ministack  # whose transactions are atomic, and whose tokens count
dynamodb = dynamodb_of_ministack


def hidden_behind_a_check(dynamodb: DynamoDBHarness) -> Fault:
    """Answer as DynamoDB does while somebody works on our event's item and the checked stream has gone on."""
    foreign = {"aggregate_id": {"S": "checked"}, "version": {"N": "1"}, "commit_id": {"S": new_id()}}
    dynamodb.another().commit(adding(stock_added(), to="checked", at_version=0))
    reasons = [{"Code": "TransactionConflict"}, {"Code": "ConditionalCheckFailed", "Item": foreign}]
    return refuse("TransactionCanceledException", CancellationReasons=reasons)


def test_an_earlier_success_is_found_though_a_transaction_conflict_hides_it(dynamodb: DynamoDBHarness) -> None:
    commit = commit_of(append("s", 0), checks=[Check("checked", 0)])
    dynamodb.another().commit(commit)
    dynamodb.proxy.on_writes(hidden_behind_a_check(dynamodb))

    assert dynamodb.store.commit(commit).commit_id == commit.id


def test_a_stale_check_is_a_conflict_though_a_transaction_conflict_hides_the_rest(dynamodb: DynamoDBHarness) -> None:
    dynamodb.proxy.on_writes(hidden_behind_a_check(dynamodb))

    with pytest.raises(Conflict):
        dynamodb.store.commit(commit_of(append("s", 0), checks=[Check("checked", 0)]))

    assert versions(dynamodb.another(), "s") == []


def test_an_earlier_success_is_found_though_the_failed_condition_came_without_its_item(
    dynamodb: DynamoDBHarness,
) -> None:
    commit = one_event()
    dynamodb.another().commit(commit)
    dynamodb.proxy.on_writes(refuse("ConditionalCheckFailedException"))

    assert dynamodb.store.commit(commit).commit_id == commit.id


def test_a_stale_check_after_a_doubtful_try_is_judged_by_looking(dynamodb: DynamoDBHarness) -> None:
    commit = commit_of(append("s", 0), checks=[Check("checked", 0)])
    # Stored, its answer lost; then an answer that shows the stale check alone.
    dynamodb.proxy.on_writes(
        lose_answer,
        refuse(
            "TransactionCanceledException",
            CancellationReasons=[
                {"Code": "None"},
                {"Code": "ConditionalCheckFailed", "Item": {"commit_id": {"S": "x"}}},
            ],
        ),
    )

    assert dynamodb.store.commit(commit).commit_id == commit.id


def test_a_taken_claim_is_told_before_a_stale_check_and_event(dynamodb: DynamoDBHarness) -> None:
    dynamodb.another().commit(
        commit_of(append("s", 0), append("checked", 0), claims=[Claim("key", "me"), Claim("held", "another")])
    )
    stale = commit_of(append("s", 0), checks=[Check("checked", 0)], claims=[Release("held", "me"), Claim("key", "me")])

    with pytest.raises(ClaimTaken) as taken:
        dynamodb.store.commit(stale)

    assert taken.value.key == "key"
