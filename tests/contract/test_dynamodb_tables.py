"""The DynamoDB tables: how they are made, and how they are waited for."""

from dataclasses import replace

import pytest

from adapters.aws.client import AWSProblem
from adapters.dynamodb.checks import check_tables
from adapters.dynamodb.tables import create_tables
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.support.commits import fill, versions
from tests.support.faulty_proxy import Exchange, Fault, refuse


def test_the_tables_are_made_as_the_shop_needs_them(dynamodb: DynamoDBHarness) -> None:
    tables = [dynamodb.direct.describe_table(TableName=name)["Table"] for name in dynamodb.tables]

    keys = [[(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] for table in tables]
    assert keys == [[("aggregate_id", "HASH"), ("version", "RANGE")], [("aggregate_id", "HASH")], [("key", "HASH")]]
    indexes = {
        index["IndexName"]: (
            [key["AttributeName"] for key in index["KeySchema"]],
            index["Projection"]["ProjectionType"],
        )
        for index in tables[0]["GlobalSecondaryIndexes"]
    }
    assert indexes == {
        "GSI1": (["gsi1pk", "created_at"], "ALL"),
        "GSI2": (["outbox", "aggregate_id"], "KEYS_ONLY"),
    }
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in tables[0]["AttributeDefinitions"]}
    assert types == {"aggregate_id": "S", "version": "N", "gsi1pk": "S", "created_at": "S", "outbox": "S"}
    assert all(table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST" for table in tables)
    to_live = dynamodb.direct.describe_time_to_live(TableName=dynamodb.tables.claims)["TimeToLiveDescription"]
    assert to_live == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    check_tables(dynamodb.client, dynamodb.tables)


def test_making_tables_again_does_nothing(dynamodb: DynamoDBHarness) -> None:
    fill(dynamodb.store, "s", 2)
    dynamodb.proxy.asked.clear()

    assert create_tables(dynamodb.client, dynamodb.tables, dynamodb.environment) == ()

    assert {"CreateTable", "UpdateTimeToLive"}.isdisjoint(dynamodb.proxy.operations())
    assert versions(dynamodb.store, "s") == [1, 2]


def test_only_what_is_missing_is_made(dynamodb: DynamoDBHarness) -> None:
    fill(dynamodb.store, "s", 2)
    dynamodb.direct.delete_table(TableName=dynamodb.tables.claims)

    assert create_tables(dynamodb.client, dynamodb.tables, dynamodb.environment) == (dynamodb.tables.claims,)

    assert versions(dynamodb.store, "s") == [1, 2]
    to_live = dynamodb.direct.describe_time_to_live(TableName=dynamodb.tables.claims)["TimeToLiveDescription"]
    assert to_live["TimeToLiveStatus"] == "ENABLED"


def test_two_who_make_the_tables_at_once_both_succeed(dynamodb: DynamoDBHarness) -> None:
    def made_by_another(exchange: Exchange) -> None:
        exchange.forward()
        refuse("ResourceInUseException")(exchange)

    dynamodb.direct.delete_table(TableName=dynamodb.tables.events)
    dynamodb.proxy.on(("CreateTable",), made_by_another)

    create_tables(dynamodb.client, dynamodb.tables, dynamodb.environment)

    fill(dynamodb.store, "s", 1)


def still(status: str) -> Fault:
    """Say of the table, or of its indexes, that it is not ready."""

    def not_ready(exchange: Exchange) -> None:
        code, body, headers = exchange.forward()
        kept = [(name, value) for name, value in headers if name.lower() != "x-amz-crc32"]
        exchange.answer(code, body.replace(f'"{status}": "ACTIVE"'.encode(), f'"{status}": "CREATING"'.encode()), kept)

    return not_ready


def passed(exchange: Exchange) -> None:
    """Answer as the server does."""
    exchange.answer(*exchange.forward())


@pytest.mark.parametrize("status", ["TableStatus", "IndexStatus"])
def test_tables_are_waited_for_until_they_and_their_indexes_are_ready(dynamodb: DynamoDBHarness, status: str) -> None:
    before = dynamodb.environment.monotonic()
    look = [passed] * len(dynamodb.tables)
    dynamodb.proxy.on(("DescribeTable",), *look, still(status), passed, passed, still(status), passed, passed)

    create_tables(dynamodb.client, dynamodb.tables, dynamodb.environment)

    assert dynamodb.environment.monotonic() - before == pytest.approx(2)
    assert dynamodb.proxy.operations().count("DescribeTable") == 3 + 3 + 1 + 1


def test_tables_that_are_never_ready_are_not_waited_for_without_end(dynamodb: DynamoDBHarness) -> None:
    environment = dynamodb.environment
    hasty = replace(environment, sleep=lambda seconds: environment.sleep(seconds * 50))
    dynamodb.proxy.on(("DescribeTable",), *[passed] * 3, *[still("TableStatus")] * 100)

    with pytest.raises(AWSProblem, match="not usable after 300 s"):
        create_tables(dynamodb.client, dynamodb.tables, hasty)


def test_a_table_that_was_made_again_has_another_life(dynamodb: DynamoDBHarness) -> None:
    before = dynamodb.store.incarnation()
    dynamodb.direct.delete_table(TableName=dynamodb.tables.events)
    create_tables(dynamodb.direct, dynamodb.tables, dynamodb.environment)

    assert dynamodb.store.incarnation() != before
