"""Making the stream and what fills it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from adapters.aws.client import AWSProblem
from adapters.aws.failures import code
from adapters.aws.problems import explained, place
from adapters.aws.services import DYNAMODB, KINESIS
from adapters.kinesis.names import Names
from adapters.kinesis.stream import StreamState, destination_state, stream_state
from adapters.kinesis.tables import LOOK_AGAIN, PATIENCE, create_leases_table, forget_leases
from core.ports.environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_kinesis.client import KinesisClient

RETENTION_HOURS = 168
"""A week: as long as a consumer may be down without losing anything."""

UNDER_WAY = frozenset({"ACTIVE", "ENABLING", "UPDATING"})


def prepare_stream(
    kinesis: "KinesisClient",
    dynamodb: "DynamoDBClient",
    names: Names,
    environment: Environment,
    shards: int = 1,
    *,
    filled_by_table: bool = True,
) -> tuple[str, ...]:
    """Make what is missing of the stream, the leases' table and the destination; give the names of the stream and the table made now.

    Not `filled_by_table`, the stream is one that events are published into, and there is no destination.

    The events table must be there. Doing it again does nothing; a stream that is there keeps its shards, and a longer retention. What was
    written before the destination was active is not in the stream: whoever begins to read it reconciles.

    Raises:
        AWSProblem: Kinesis or DynamoDB is not reached or refuses, or is not done in time.
    """
    made = []
    if not stream_state(kinesis, names.stream).status:
        explained(
            KINESIS,
            kinesis,
            lambda: _unless_there(lambda: kinesis.create_stream(StreamName=names.stream, ShardCount=shards)),
        )
        made.append(names.stream)
    state = _active(kinesis, names.stream, environment)
    if state.retention_hours < RETENTION_HOURS:
        retain = kinesis.increase_stream_retention_period
        explained(KINESIS, kinesis, lambda: retain(StreamName=names.stream, RetentionPeriodHours=RETENTION_HOURS))
        _active(kinesis, names.stream, environment)  # nothing can be changed of a stream that is being updated
    if create_leases_table(dynamodb, names.leases, environment):
        made.append(names.leases)
    elif made:
        forget_leases(dynamodb, names.leases, names.stream)
    if not filled_by_table:
        return tuple(made)
    if destination_state(dynamodb, names).status not in UNDER_WAY:
        explained(DYNAMODB, dynamodb, lambda: _enable(dynamodb, names.events, state.arn))
    who = f"The streaming destination of the DynamoDB table {names.events!r} {place(dynamodb)}"
    _wait(lambda: destination_state(dynamodb, names).status == "ACTIVE", who, environment)
    return tuple(made)


def _active(kinesis: "KinesisClient", stream: str, environment: Environment) -> StreamState:
    """Wait until the stream takes changes; give how it is then."""
    who = f"The Kinesis stream {stream!r} {place(kinesis)}"
    _wait(lambda: stream_state(kinesis, stream).status == "ACTIVE", who, environment)
    return stream_state(kinesis, stream)


def _enable(dynamodb: "DynamoDBClient", table: str, stream_arn: str) -> None:
    """Have the table stream to the stream, in microseconds where the server knows of them."""

    def enable(**precision: object) -> None:
        arguments: dict[str, object] = {"TableName": table, "StreamArn": stream_arn, **precision}
        _unless_there(lambda: dynamodb.enable_kinesis_streaming_destination(**arguments))  # type: ignore[arg-type]

    try:
        enable(EnableKinesisStreamingConfiguration={"ApproximateCreationDateTimePrecision": "MICROSECOND"})
    except ClientError as error:
        if code(error) != "ValidationException":
            raise
        enable()


def _unless_there(request: Callable[[], object]) -> None:
    """Make something that another may be making at the same moment."""
    try:
        request()
    except ClientError as error:
        if code(error) != "ResourceInUseException":
            raise


def _wait(is_usable: Callable[[], bool], who: str, environment: Environment) -> None:
    deadline = environment.monotonic() + PATIENCE
    while not is_usable():
        if environment.monotonic() >= deadline:
            raise AWSProblem(f"{who} is not usable after {PATIENCE:.0f} s.")
        environment.sleep(LOOK_AGAIN)
