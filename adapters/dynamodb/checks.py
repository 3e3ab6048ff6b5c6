"""Looking at the tables before the shop starts on them, and saying what is wrong in words that name the setting."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from adapters.aws.client import AWSProblem
from adapters.aws.failures import code
from adapters.aws.problems import explained, place
from adapters.aws.services import DYNAMODB
from adapters.dynamodb.layout import LAYOUTS, SETTINGS, Tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

SAMPLE = 10
"""Items looked at to tell whose events a table holds."""


def check_tables(client: "DynamoDBClient", tables: Tables) -> None:
    """Look whether the shop can start on these tables.

    Raises:
        AWSProblem: a table is missing, or as `missing_tables`.
    """
    if missing := missing_tables(client, tables):
        named = ", ".join(
            f"{name!r} ({setting})" for name, setting in zip(tables, SETTINGS, strict=True) if name in missing
        )
        raise AWSProblem(
            f"There is no DynamoDB table {named} {place(client)}: run `ecshop tables create`, or correct the setting."
        )


def missing_tables(client: "DynamoDBClient", tables: Tables) -> dict[str, dict[str, Any]]:
    """Give the names and layouts of the tables that are not there.

    Raises:
        AWSProblem: one is there and unfit: laid out otherwise, or of an earlier implementation. DynamoDB is not reached or refuses.
    """
    missing = {}
    for name, setting, layout in zip(tables, SETTINGS, LAYOUTS, strict=True):
        description = describe(client, name)
        if description is None:
            missing[name] = layout
        elif difference := _difference(description, layout):
            raise _unfit(name, setting, difference)
    if tables.events not in missing and _is_of_an_earlier_implementation(client, tables.events):
        raise _unfit(tables.events, SETTINGS.events, "holds events of an earlier implementation")
    return missing


def _unfit(name: str, setting: str, what: str) -> AWSProblem:
    return AWSProblem(f"The DynamoDB table {name!r} {what}: use a fresh table, and name it in {setting}.")


def describe(client: "DynamoDBClient", name: str) -> dict[str, Any] | None:
    """Give what DynamoDB says of a table; None where it is missing.

    Raises:
        AWSProblem: DynamoDB is not reached or refuses.
    """

    def look() -> dict[str, Any] | None:
        try:
            return dict(client.describe_table(TableName=name)["Table"])
        except ClientError as error:
            if code(error) == "ResourceNotFoundException":
                return None
            raise

    return explained(DYNAMODB, client, look)


def _difference(description: dict[str, Any], layout: dict[str, Any]) -> str | None:
    if description["TableStatus"] == "DELETING":
        return "is being deleted"
    if _shape(description) != _shape(layout):
        return f"has the keys {_shape(description)}, not {_shape(layout)}"
    indexes = {index["IndexName"]: index["KeySchema"] for index in description.get("GlobalSecondaryIndexes", [])}
    for index in layout.get("GlobalSecondaryIndexes", []):
        if indexes.get(index["IndexName"]) != index["KeySchema"]:
            return f"lacks the index {index['IndexName']}, as the tables of an earlier implementation do"
    return None


def _shape(table: dict[str, Any]) -> str:
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table["AttributeDefinitions"]}
    return ", ".join(f"{key['AttributeName']} {types[key['AttributeName']]}" for key in table["KeySchema"])


def _is_of_an_earlier_implementation(client: "DynamoDBClient", name: str) -> bool:
    sample = explained(
        DYNAMODB, client, lambda: client.scan(TableName=name, Limit=SAMPLE, ConsistentRead=True)["Items"]
    )
    # It knew no commits, and kept product and inventory events under one id: nothing of ours can read or continue such a stream.
    return not all("commit_id" in item for item in sample)
