"""The boto3 client of Lambda, made from explicit arguments."""

from typing import TYPE_CHECKING

from adapters.aws.client import aws_client
from adapters.aws.services import LAMBDA

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient


def lambda_client(region: str, endpoint: str | None = None, *, read_seconds: float = 5.0) -> "LambdaClient":
    """Make a client as `aws_client` does.

    Raises:
        AWSProblem: region or endpoint cannot be meant, or the credentials that were found cannot be used.
    """
    client: LambdaClient = aws_client(LAMBDA, region, endpoint, None, 1.0, read_seconds)
    return client
