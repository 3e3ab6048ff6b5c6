"""How the stream is, and what fills it."""

from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from adapters.aws.client import AWSProblem
from adapters.aws.failures import code
from adapters.aws.problems import explained, place
from adapters.aws.services import DYNAMODB, KINESIS
from adapters.kinesis.destination import Destination, destination_of
from adapters.kinesis.names import SETTINGS, Names
from adapters.kinesis.tables import check_leases_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_kinesis.client import KinesisClient


class StreamState(NamedTuple):
    """How the stream is. `status` is empty where there is none."""

    status: str = ""
    arn: str = ""
    retention_hours: int = 0
    open_shards: int = 0


def stream_state(kinesis: "KinesisClient", stream: str) -> StreamState:
    """Look at the stream.

    Raises:
        AWSProblem: Kinesis is not reached or refuses.
    """

    def look() -> StreamState:
        try:
            found = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
        except ClientError as error:
            if code(error) == "ResourceNotFoundException":
                return StreamState()
            raise
        return StreamState(
            found["StreamStatus"], found["StreamARN"], found["RetentionPeriodHours"], found["OpenShardCount"]
        )

    return explained(KINESIS, kinesis, look)


def destination_state(dynamodb: "DynamoDBClient", names: Names) -> Destination:
    """Look at what carries the table's changes to the stream.

    Raises:
        AWSProblem: DynamoDB is not reached or refuses, or has no such table.
    """
    return explained(DYNAMODB, dynamodb, lambda: destination_of(dynamodb, names.events, names.stream))


def check_stream(kinesis: "KinesisClient", dynamodb: "DynamoDBClient", names: Names) -> None:
    """Look whether a feed can start. A destination that is not active is no reason against it: what it carried is there.

    Raises:
        AWSProblem: there is no such stream or no table for the leases; Kinesis or DynamoDB is not reached or refuses.
    """
    if not stream_state(kinesis, names.stream).status:
        raise AWSProblem(
            f"There is no Kinesis stream {names.stream!r} ({SETTINGS.stream}) {place(kinesis)}: run `ecshop stream"
            f" create`, or correct the setting or {KINESIS.endpoint_setting}."
        )
    check_leases_table(dynamodb, names.leases)
