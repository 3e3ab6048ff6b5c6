"""The boto3 client of DynamoDB, made from explicit arguments."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, HTTPClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoDBProblem(Exception):
    """What keeps the shop from using DynamoDB, as one sentence that names the setting to look at."""


def dynamodb_client(
    region: str,
    endpoint: str | None = None,
    *,
    credentials: tuple[str, str] | None = None,
    connect_seconds: float = 1.0,
    read_seconds: float = 3.0,
) -> "DynamoDBClient":
    """Make a client that sends each request once; any number of threads may share it.

    `endpoint` empty or None is AWS itself. `credentials` are an access key and its secret; None looks where every AWS tool looks.

    Raises:
        DynamoDBProblem: region or endpoint cannot be meant.
    """
    key, secret = credentials or (None, None)
    config = Config(  # type: ignore[call-arg]  # boto3-stubs lack the last of these
        # The adapter repeats requests itself: only it can tell a repeat of one decision from a new one.
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        max_pool_connections=64,
        tcp_keepalive=True,
        # Without an endpoint of ours it is AWS, whatever AWS_ENDPOINT_URL says.
        ignore_configured_endpoint_urls=True,
    )
    try:
        client = boto3.client(
            "dynamodb",
            region_name=region,
            endpoint_url=endpoint or None,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=config,
        )
    except (ValueError, BotoCoreError) as error:
        named = (
            f"DYNAMODB_ENDPOINT ({endpoint}) or DYNAMODB_REGION ({region})"
            if endpoint
            else f"DYNAMODB_REGION ({region})"
        )
        raise DynamoDBProblem(f"No DynamoDB client can be made, correct {named}: {error}.") from error
    client.meta.events.register("before-parse.dynamodb", _refuse_strangers)
    return client


def _refuse_strangers(response_dict: dict[str, Any], **_event: object) -> None:
    """Fail on a page that something else at this address answers with; botocore would take it for an empty success."""
    if (
        response_dict["status_code"] < HTTPStatus.MULTIPLE_CHOICES
        and "x-amzn-requestid" not in response_dict["headers"]
    ):
        raise HTTPClientError(error="the answer is not from DynamoDB")
