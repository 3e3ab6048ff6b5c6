"""What a commit asks of DynamoDB: how many requests and which, and the crash points around them."""

from collections.abc import Callable

import pytest

from core.ports.commit import Check, Claim, Commit, Release
from core.ports.event_store import Conflict, StoreUnavailable
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.contract.dynamodb_writes import a_claim, dynamodb_of_ministack, one_event, tokens, two_streams
from tests.support.commits import AT, adding, append, commit_of, new_id, stock_added

pytestmark = pytest.mark.ministack  # whose transactions are atomic, and whose tokens count
dynamodb = dynamodb_of_ministack


def test_one_event_alone_is_one_plain_write(dynamodb: DynamoDBHarness) -> None:
    dynamodb.store.commit(one_event())

    assert dynamodb.proxy.operations() == ["PutItem"]


@pytest.mark.parametrize(
    "commit",
    [
        adding(stock_added(), stock_added(), to="s", at_version=0),
        two_streams(),
        commit_of(append("s", 0), checks=[Check("t", 0)]),
        commit_of(append("s", 0), claims=[Claim("key", "me")]),
        a_claim(),
        commit_of(claims=[Release("key", "me")]),
        commit_of(append("order", 0), *(append(f"inventory-{n}", 0) for n in range(30)), checks=[Check("cart", 0)]),
    ],
    ids=[
        "two events",
        "two streams",
        "a check",
        "an event and a claim",
        "a claim",
        "a release",
        "an order of 30 lines",
    ],
)
def test_anything_else_is_one_transaction_with_the_commit_as_its_token(
    dynamodb: DynamoDBHarness, commit: Commit
) -> None:
    dynamodb.store.commit(commit)

    assert dynamodb.proxy.operations() == ["TransactWriteItems"]
    assert tokens(dynamodb) == [commit.id]


@pytest.mark.parametrize("make", [one_event, two_streams])
def test_a_lost_commit_costs_no_read_either(dynamodb: DynamoDBHarness, make: Callable[[], Commit]) -> None:
    dynamodb.another().commit(one_event())

    with pytest.raises(Conflict):
        dynamodb.store.commit(make())

    assert len(dynamodb.proxy.operations()) == 1


def test_a_commit_too_large_never_leaves(dynamodb: DynamoDBHarness) -> None:
    with pytest.raises(Exception, match="101 operations"):
        dynamodb.store.commit(Commit(new_id(), AT, tuple(append(f"s-{n}", 0) for n in range(101))))

    assert dynamodb.proxy.operations() == []


def test_the_crash_points_are_passed_once_however_often_it_is_tried(dynamodb: DynamoDBHarness) -> None:
    dynamodb.lose_answers(3)

    dynamodb.store.commit(two_streams())

    assert dynamodb.failpoints.passed == ["write.before", "write.after"]


def test_an_unreachable_store_passes_no_crash_point_after_the_write(dynamodb: DynamoDBHarness) -> None:
    with pytest.raises(StoreUnavailable):
        dynamodb.unreachable().commit(one_event())

    assert dynamodb.failpoints.passed == ["write.before"]
