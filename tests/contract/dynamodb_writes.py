"""Small commits to DynamoDB, what it may answer to them, and what was asked of it and is stored then."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from core.ports.commit import Claim, Commit
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.support.commits import adding, append, commit_of, stock_added
from tests.support.faulty_proxy import Fault, refuse

FOREVER = 1_000


@pytest.fixture
def dynamodb_of_ministack(ministack_endpoint: str) -> Iterator[DynamoDBHarness]:
    """Give an empty store behind a proxy: a module whose tests need it takes it as its `dynamodb`."""
    with closing(DynamoDBHarness.open(ministack_endpoint)) as harness:
        harness.proxy.asked.clear()
        yield harness


def one_event() -> Commit:
    return adding(stock_added(), to="s", at_version=0)


def two_streams() -> Commit:
    return commit_of(append("s", 0), append("t", 0))


def a_claim() -> Commit:
    return commit_of(claims=[Claim("key", "me")])


EACH = pytest.mark.parametrize("make", [one_event, two_streams, a_claim])


def cancelled(*codes: str) -> Fault:
    """Answer that the transaction was cancelled for these reasons, one an operation."""
    return refuse("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


def tokens(dynamodb: DynamoDBHarness) -> list[str]:
    """Give the tokens of all transactions that were asked for."""
    return [body["ClientRequestToken"] for body in dynamodb.proxy.bodies("TransactWriteItems")]


def stored_by(dynamodb: DynamoDBHarness, stream: str) -> list[str]:
    """Give the commit of each event of the stream."""
    return [event.commit_id for event in dynamodb.another().read(stream)]
