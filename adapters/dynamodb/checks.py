"""Looking at the tables before the shop starts on them, and saying what is wrong in words that name the setting."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from adapters.dynamodb.client import DynamoDBProblem
from adapters.dynamodb.failures import CUT, FAILURES, NEVER_LEFT, code, sentence
from adapters.dynamodb.layout import LAYOUTS, SETTINGS, Tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

WRONG_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""Codes by which AWS says that it does not know who asks."""

NOT_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException", "OptInRequired", "NotAuthorized"})
"""Codes by which AWS says that it knows who asks, and that they may not."""

SAMPLE = 10
"""Items looked at to tell whose events a table holds."""


def check_tables(client: "DynamoDBClient", tables: Tables) -> None:
    """Look whether the shop can start on these tables.

    Raises:
        DynamoDBProblem: a table is missing, or as `missing_tables`.
    """
    if missing := missing_tables(client, tables):
        named = ", ".join(
            f"{name!r} ({setting})" for name, setting in zip(tables, SETTINGS, strict=True) if name in missing
        )
        raise DynamoDBProblem(
            f"There is no DynamoDB table {named} {place(client)}: run `ecshop tables create`, or correct the setting."
        )


def missing_tables(client: "DynamoDBClient", tables: Tables) -> dict[str, dict[str, Any]]:
    """Give the names and layouts of the tables that are not there.

    Raises:
        DynamoDBProblem: one is there and unfit: laid out otherwise, or of an earlier implementation. DynamoDB is not reached or refuses.
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


def _unfit(name: str, setting: str, what: str) -> DynamoDBProblem:
    return DynamoDBProblem(f"The DynamoDB table {name!r} {what}: use a fresh table, and name it in {setting}.")


def describe(client: "DynamoDBClient", name: str) -> dict[str, Any] | None:
    """Give what DynamoDB says of a table; None where it is missing.

    Raises:
        DynamoDBProblem: DynamoDB is not reached or refuses.
    """
    try:
        return dict(client.describe_table(TableName=name)["Table"])
    except FAILURES as error:
        if code(error) == "ResourceNotFoundException":
            return None
        raise problem(client, error) from error


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
    try:
        sample = client.scan(TableName=name, Limit=SAMPLE, ConsistentRead=True)["Items"]
    except FAILURES as error:
        raise problem(client, error) from error
    # It knew no commits, and kept product and inventory events under one id: nothing of ours can read or continue such a stream.
    return not all("commit_id" in item for item in sample)


def place(client: "DynamoDBClient") -> str:
    """Say which DynamoDB it is."""
    return f"in {client.meta.region_name} at {client.meta.endpoint_url}"


def problem(client: "DynamoDBClient", error: BotoCoreError | ClientError) -> DynamoDBProblem:
    """Say what an error means to who runs the shop."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError) or code(error) in WRONG_CREDENTIALS:
        return DynamoDBProblem(
            f"DynamoDB {place(client)} does not accept the AWS credentials ({code(error)}): set AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY, or AWS_PROFILE."
        )
    if code(error) in NOT_ALLOWED:
        return DynamoDBProblem(
            f"The AWS credentials may not do this {place(client)}, give them the right: {sentence(error)}."
        )
    if isinstance(error, NEVER_LEFT + CUT):
        return DynamoDBProblem(
            f"DynamoDB {place(client)} does not answer ({code(error)}): correct DYNAMODB_ENDPOINT (empty is AWS) or DYNAMODB_REGION,"
            " or start it."
        )
    return DynamoDBProblem(
        f"DynamoDB {place(client)} refuses, look at DYNAMODB_ENDPOINT and DYNAMODB_REGION: {sentence(error)}."
    )
