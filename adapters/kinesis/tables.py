"""Making the table of the leases."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from adapters.aws.client import AWSProblem
from adapters.aws.failures import FAILURES, code
from adapters.aws.problems import explained, place, problem
from adapters.aws.services import DYNAMODB
from adapters.kinesis.names import SETTINGS
from core.ports.environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

PATIENCE = 300.0
"""Seconds until what was made must be usable; AWS takes some ten, and a minute for a streaming destination."""

LOOK_AGAIN = 1.0
"""Seconds between two looks."""

LEASES: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "lease", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "lease", "AttributeType": "S"}],
}


def create_leases_table(client: "DynamoDBClient", name: str, environment: Environment) -> bool:
    """Make it unless it is there, and wait until it is usable; tell whether it was made now.

    Raises:
        AWSProblem: a table of this name has other keys; DynamoDB is not reached or refuses, or is not done in time.
    """
    is_made = False
    deadline = environment.monotonic() + PATIENCE
    while (status := _status(client, name)) != "ACTIVE":
        if environment.monotonic() >= deadline:
            raise AWSProblem(f"The DynamoDB table {name} {place(client)} is not usable after {PATIENCE:.0f} s.")
        if status or is_made:  # DescribeTable is eventually consistent
            environment.sleep(LOOK_AGAIN)
        else:
            is_made = True
            _create(client, name)
    return is_made


def forget_leases(client: "DynamoDBClient", name: str, stream: str) -> None:
    """Remove the leases of a stream that is gone: they would say of the next one of this name that it is read already.

    Raises:
        AWSProblem: DynamoDB is not reached or refuses.
    """
    request: dict[str, Any] = {"TableName": name, "ProjectionExpression": "lease"}
    try:
        pages = client.get_paginator("scan").paginate(**request)
        for item in (item for page in pages for item in page["Items"]):
            # projector/stream/shard; no name of a stream or a shard has a slash
            if item["lease"]["S"].split("/")[-2:-1] == [stream]:
                client.delete_item(TableName=name, Key=item)
    except FAILURES as error:
        raise problem(DYNAMODB, client, error) from error


def check_leases_table(client: "DynamoDBClient", name: str) -> None:
    """Look whether workers can share a stream by this table.

    Raises:
        AWSProblem: there is none, or it has other keys; DynamoDB is not reached or refuses.
    """
    if not _status(client, name):
        raise AWSProblem(
            f"There is no DynamoDB table {name!r} ({SETTINGS.leases}) {place(client)}: run `ecshop stream create`, or correct the"
            " setting."
        )


def _status(client: "DynamoDBClient", name: str) -> str:
    """Give the status of the table, empty where there is none."""

    def look() -> dict[str, Any]:
        try:
            return dict(client.describe_table(TableName=name)["Table"])
        except ClientError as error:
            if code(error) == "ResourceNotFoundException":
                return {}
            raise

    table = explained(DYNAMODB, client, look)
    if not table:
        return ""
    if any(table.get(part) != LEASES[part] for part in LEASES):
        raise AWSProblem(
            f"The DynamoDB table {name!r} has other keys than leases have: use a fresh table, and name it in {SETTINGS.leases}."
        )
    return str(table["TableStatus"])


def _create(client: "DynamoDBClient", name: str) -> None:
    try:
        client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **LEASES)
    except FAILURES as error:
        if code(error) != "ResourceInUseException":  # which says that somebody makes it at the same moment
            raise problem(DYNAMODB, client, error) from error
