"""The streaming destination of a DynamoDB table: what carries its changes to a Kinesis stream."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class Destination(NamedTuple):
    """What DynamoDB says of it. `status` is empty where there is none; `precision` where the server does not tell."""

    status: str
    precision: str


def destination_of(dynamodb: "DynamoDBClient", table: str, stream: str) -> Destination:
    """Look it up.

    Raises:
        BotoCoreError, ClientError: DynamoDB is not reached or refuses.
    """
    described = dynamodb.describe_kinesis_streaming_destination(TableName=table)
    for each in described.get("KinesisDataStreamDestinations", []):
        if each.get("StreamArn", "").rpartition("/")[2] == stream:
            return Destination(each.get("DestinationStatus", ""), each.get("ApproximateCreationDateTimePrecision", ""))
    return Destination("", "")
