"""What the feed works with, by name."""

from typing import NamedTuple


class Names(NamedTuple):
    """The stream, the DynamoDB table whose changes it carries, and the one that keeps the leases of its readers."""

    stream: str
    events: str
    leases: str


SETTINGS = Names("KINESIS_STREAM_NAME", "DYNAMODB_TABLE_NAME", "DYNAMODB_LEASES_TABLE_NAME")
"""The environment variable that names each."""
