"""Tables that are not the shop's: missing, of an earlier implementation, or with other keys."""

from typing import TYPE_CHECKING, Any

import pytest

from adapters.aws.client import AWSProblem
from adapters.dynamodb.checks import check_tables
from adapters.dynamodb.layout import SETTINGS, Tables
from adapters.dynamodb.tables import create_tables
from tests.contract.dynamodb_harness import DynamoDBHarness, fresh_names
from tests.support.commits import fill

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
from tests.contract.dynamodb_start import problem_of


def table_names(client: "DynamoDBClient") -> set[str]:
    """Give the names of all tables of the server."""
    return {name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]}


def old_events_table(client: "DynamoDBClient", name: str) -> None:
    """Make an events table as the earlier implementation had it: without GSI2."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "aggregate_id", "KeyType": "HASH"},
            {"AttributeName": "version", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "aggregate_id", "AttributeType": "S"},
            {"AttributeName": "version", "AttributeType": "N"},
        ],
    )


OLD_EVENT: dict[str, Any] = {
    "aggregate_id": {"S": "p-1"},
    "version": {"N": "1"},
    "id": {"S": "e-1"},
    "aggregate_type": {"S": "Product"},
    "event_type": {"S": "ProductCreated"},
    "data": {"S": "{}"},
    "created_at": {"S": "2024-01-02T03:04:05.67+09:00"},
    "gsi1pk": {"S": "EVENTS"},
}


@pytest.mark.parametrize("place", range(3))
def test_a_missing_table_is_named_with_its_setting(dynamodb: DynamoDBHarness, place: int) -> None:
    names = list(dynamodb.tables)
    names[place] = "nowhere"

    sentence = problem_of(dynamodb.client, Tables(*names))

    assert "'nowhere'" in sentence
    assert "ecshop tables create" in sentence
    assert [setting for setting in SETTINGS if setting in sentence] == [SETTINGS[place]]


def test_a_table_of_an_earlier_implementation_is_refused(dynamodb: DynamoDBHarness) -> None:
    dynamodb.direct.put_item(TableName=dynamodb.tables.events, Item=OLD_EVENT)

    sentence = problem_of(dynamodb.client, dynamodb.tables)

    assert "earlier implementation" in sentence
    assert "use a fresh table" in sentence
    assert "DYNAMODB_TABLE_NAME" in sentence


def test_nothing_is_made_beside_a_table_of_an_earlier_implementation(dynamodb: DynamoDBHarness) -> None:
    dynamodb.direct.put_item(TableName=dynamodb.tables.events, Item=OLD_EVENT)
    tables = fresh_names()._replace(events=dynamodb.tables.events)

    with pytest.raises(AWSProblem, match="use a fresh table"):
        create_tables(dynamodb.client, tables, dynamodb.environment)

    assert table_names(dynamodb.direct).isdisjoint({tables.snapshots, tables.claims})


def test_an_empty_table_of_an_earlier_implementation_is_refused_too(dynamodb: DynamoDBHarness) -> None:
    name = fresh_names().events
    old_events_table(dynamodb.direct, name)

    assert "use a fresh table" in problem_of(dynamodb.client, dynamodb.tables._replace(events=name))
    with pytest.raises(AWSProblem, match="use a fresh table"):
        create_tables(dynamodb.client, dynamodb.tables._replace(events=name), dynamodb.environment)


def test_a_table_with_other_keys_is_refused(dynamodb: DynamoDBHarness) -> None:
    mixed_up = dynamodb.tables._replace(claims=dynamodb.tables.snapshots)

    sentence = problem_of(dynamodb.client, mixed_up)

    assert "aggregate_id S, not key S" in sentence
    assert "DYNAMODB_CLAIMS_TABLE_NAME" in sentence


def test_events_of_our_own_are_no_earlier_implementation(dynamodb: DynamoDBHarness) -> None:
    fill(dynamodb.store, "s", 12)

    check_tables(dynamodb.client, dynamodb.tables)
