"""The boto3 client of DynamoDB, made from explicit arguments."""

from typing import TYPE_CHECKING

from adapters.aws.client import aws_client
from adapters.aws.services import DYNAMODB

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def dynamodb_client(
    region: str,
    endpoint: str | None = None,
    *,
    credentials: tuple[str, str] | None = None,
    connect_seconds: float = 1.0,
    read_seconds: float = 3.0,
) -> "DynamoDBClient":
    """Make a client as `aws_client` does.

    Raises:
        AWSProblem: region or endpoint cannot be meant, or the credentials that were found cannot be used.
    """
    client: DynamoDBClient = aws_client(DYNAMODB, region, endpoint, credentials, connect_seconds, read_seconds)
    return client
