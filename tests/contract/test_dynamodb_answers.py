"""Answers of DynamoDB to a write that are lost, doubtful or refusals: what is sent again, and what is not."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from core.ports.commit import Commit
from tests.contract.dynamodb_harness import DynamoDBHarness, client_of
from tests.contract.dynamodb_writes import (
    EACH,
    cancelled,
    dynamodb_of_ministack,
    one_event,
    stored_by,
    tokens,
    two_streams,
)
from tests.support.faulty_proxy import Fault, keep_waiting, lose_answer, lose_request, refuse, respond, show_a_page

pytestmark = pytest.mark.ministack  # whose transactions are atomic, and whose tokens count
dynamodb = dynamodb_of_ministack


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_cancelled_transaction_is_repeated_under_a_new_token(dynamodb: DynamoDBHarness, reason: str) -> None:
    commit = two_streams()
    dynamodb.proxy.on_writes(cancelled("None", reason), cancelled(reason, "None"))

    dynamodb.store.commit(commit)

    first, second, third = tokens(dynamodb)
    assert first == commit.id
    assert len({first, second, third}) == 3
    assert max(map(len, (second, third))) <= 36
    assert stored_by(dynamodb, "s") == stored_by(dynamodb, "t") == [commit.id]


@pytest.mark.parametrize(
    "fault",
    [
        lose_request,
        lose_answer,
        refuse("InternalServerError", 500),
        refuse("ServiceUnavailable", 503),
        respond(502, {}),
        refuse("TransactionInProgressException"),
        show_a_page,
    ],
    ids=["lost request", "lost answer", "500", "503", "502 of no known form", "in progress", "another server's page"],
)
def test_a_doubtful_transaction_is_repeated_under_the_same_token(dynamodb: DynamoDBHarness, fault: Fault) -> None:
    commit = two_streams()
    dynamodb.proxy.on_writes(fault, fault)

    dynamodb.store.commit(commit)

    assert tokens(dynamodb) == [commit.id] * 3
    assert stored_by(dynamodb, "s") == stored_by(dynamodb, "t") == [commit.id]


def test_after_a_new_token_a_doubtful_repeat_keeps_it(dynamodb: DynamoDBHarness) -> None:
    commit = two_streams()
    dynamodb.proxy.on_writes(cancelled("TransactionConflict", "None"), lose_answer)

    dynamodb.store.commit(commit)

    first, second, third = tokens(dynamodb)
    assert first != second == third
    assert stored_by(dynamodb, "s") == [commit.id]


@pytest.mark.parametrize(
    "fault",
    [
        refuse("ThrottlingException"),
        refuse("ProvisionedThroughputExceededException"),
        refuse("RequestLimitExceeded"),
        refuse("Slow", 429),
    ],
    ids=["throttled", "no capacity", "too many requests", "429 of no known form"],
)
def test_a_transaction_that_was_not_looked_at_is_repeated_under_the_same_token(
    dynamodb: DynamoDBHarness, fault: Fault
) -> None:
    commit = two_streams()
    dynamodb.proxy.on_writes(fault, lose_answer, fault)

    dynamodb.store.commit(commit)

    assert tokens(dynamodb) == [commit.id] * 4
    assert stored_by(dynamodb, "s") == [commit.id]


def test_a_transaction_that_never_left_is_repeated_under_the_same_token(dynamodb: DynamoDBHarness) -> None:
    commit = two_streams()
    failures = [EndpointConnectionError(endpoint_url="by the test"), ConnectTimeoutError(endpoint_url="by the test")]

    def fail(**_request: object) -> None:
        if failures:
            raise failures.pop()

    dynamodb.client.meta.events.register("before-send.dynamodb.TransactWriteItems", fail)

    dynamodb.store.commit(commit)

    assert not failures
    assert tokens(dynamodb) == [commit.id]


def test_a_token_that_stands_for_another_request_is_replaced(dynamodb: DynamoDBHarness) -> None:
    commit = two_streams()
    other = {"Put": {"TableName": dynamodb.tables.claims, "Item": {"key": {"S": "of another request"}}}}
    dynamodb.direct.transact_write_items(TransactItems=[other], ClientRequestToken=commit.id)  # type: ignore[list-item]

    dynamodb.store.commit(commit)

    first, second = tokens(dynamodb)
    assert first == commit.id != second
    assert stored_by(dynamodb, "s") == [commit.id]


@pytest.mark.parametrize(
    "fault",
    [
        refuse("TransactionConflictException"),
        refuse("ThrottlingException"),
        refuse("ProvisionedThroughputExceededException"),
        refuse("RequestLimitExceeded"),
        refuse("ReplicatedWriteConflictException"),
        refuse("Slow", 429),
        refuse("InternalServerError", 500),
        lose_request,
        lose_answer,
        show_a_page,
    ],
)
def test_a_plain_write_that_did_not_go_through_is_tried_again(dynamodb: DynamoDBHarness, fault: Fault) -> None:
    commit = one_event()
    dynamodb.proxy.on_writes(fault, fault, fault)

    dynamodb.store.commit(commit)

    assert dynamodb.proxy.operations() == ["PutItem"] * 4
    assert stored_by(dynamodb, "s") == [commit.id]


@EACH
def test_an_answer_that_comes_too_late_is_as_good_as_lost(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit]
) -> None:
    commit = make()
    store = dynamodb.store_on(client_of(dynamodb.proxy.endpoint, read_seconds=0.2))
    dynamodb.proxy.on_writes(keep_waiting)

    assert store.commit(commit).commit_id == commit.id

    assert len(dynamodb.proxy.operations()) >= 2
    assert stored_by(dynamodb, "s") == [commit.id][: len(commit.appends)]
