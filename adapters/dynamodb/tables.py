"""Making the tables."""

from typing import TYPE_CHECKING, Any

from adapters.aws.client import AWSProblem
from adapters.aws.failures import FAILURES, code
from adapters.aws.problems import place, problem
from adapters.aws.services import DYNAMODB
from adapters.dynamodb.checks import describe, missing_tables
from adapters.dynamodb.layout import TTL_ATTRIBUTE, Tables
from core.ports.environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

PATIENCE = 300.0
"""Seconds until new tables must be usable; AWS takes some ten."""

LOOK_AGAIN = 1.0
"""Seconds between two looks."""


def create_tables(client: "DynamoDBClient", tables: Tables, environment: Environment) -> tuple[str, ...]:
    """Make what is missing, wait until all is usable, and give the names of the tables made now. Doing it again does nothing.

    Raises:
        AWSProblem: a table that is there is unfit; DynamoDB is not reached or refuses, or is not done in time.
    """
    missing = missing_tables(client, tables)  # first, so that nothing is made beside a table that is refused
    for name, layout in missing.items():
        _create(client, name, layout)
    _wait_until_active(client, tables, environment)
    _expire_claims(client, tables.claims)
    return tuple(missing)


def _create(client: "DynamoDBClient", name: str, layout: dict[str, Any]) -> None:
    try:
        client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **layout)
    except FAILURES as error:
        if code(error) != "ResourceInUseException":  # which says that somebody makes it at the same moment
            raise problem(DYNAMODB, client, error) from error


def _wait_until_active(client: "DynamoDBClient", tables: Tables, environment: Environment) -> None:
    deadline = environment.monotonic() + PATIENCE
    waiting = list(tables)
    while waiting := [name for name in waiting if not _is_active(client, name)]:
        if environment.monotonic() >= deadline:
            raise AWSProblem(
                f"The DynamoDB tables {', '.join(waiting)} {place(client)} are not usable after {PATIENCE:.0f} s."
            )
        environment.sleep(LOOK_AGAIN)


def _is_active(client: "DynamoDBClient", name: str) -> bool:
    table = describe(client, name)
    if table is None:  # DescribeTable is eventually consistent
        return False
    indexes = table.get("GlobalSecondaryIndexes", [])
    return table["TableStatus"] == "ACTIVE" and all(index["IndexStatus"] == "ACTIVE" for index in indexes)


def _expire_claims(client: "DynamoDBClient", name: str) -> None:
    try:
        # Switching on what is on is an error in AWS, and a switch takes an hour.
        if client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"] in {
            "ENABLED",
            "ENABLING",
        }:
            return
        client.update_time_to_live(
            TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": TTL_ATTRIBUTE}
        )
    except FAILURES as error:
        raise problem(DYNAMODB, client, error) from error
