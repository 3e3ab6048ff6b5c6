"""The boto3 client of Kinesis, made from explicit arguments."""

from typing import TYPE_CHECKING

from adapters.aws.client import aws_client
from adapters.aws.services import KINESIS

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient


def kinesis_client(
    region: str,
    endpoint: str | None = None,
    *,
    credentials: tuple[str, str] | None = None,
    connect_seconds: float = 1.0,
    read_seconds: float = 5.0,
) -> "KinesisClient":
    """Make a client as `aws_client` does.

    Raises:
        AWSProblem: region or endpoint cannot be meant, or the credentials that were found cannot be used.
    """
    client: KinesisClient = aws_client(KINESIS, region, endpoint, credentials, connect_seconds, read_seconds)
    return client
