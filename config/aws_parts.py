"""The clients and names of what a shop has on AWS, as the settings say."""

from typing import TYPE_CHECKING

from adapters.dynamodb.client import dynamodb_client
from adapters.dynamodb.layout import Tables
from adapters.kinesis.client import kinesis_client
from adapters.kinesis.names import Names
from config.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_kinesis.client import KinesisClient


def dynamodb_of(settings: Settings) -> "DynamoDBClient":
    """Make a client of DynamoDB."""
    return dynamodb_client(settings.dynamodb_region, settings.dynamodb_endpoint)


def kinesis_of(settings: Settings, read_seconds: float = 5.0) -> "KinesisClient":
    """Make a client of Kinesis; an answer may take `read_seconds`."""
    return kinesis_client(settings.dynamodb_region, settings.kinesis_endpoint, read_seconds=read_seconds)


def tables_of(settings: Settings) -> Tables:
    """Name the tables."""
    return Tables(
        settings.dynamodb_table_name, settings.dynamodb_snapshot_table_name, settings.dynamodb_claims_table_name
    )


def names_of(settings: Settings) -> Names:
    """Name the stream that projectors read: the one that the table fills, or the one that is published into."""
    stream = settings.kinesis_stream_name if settings.delivery == "cdc" else settings.published_stream_name
    return Names(stream, settings.dynamodb_table_name, settings.dynamodb_leases_table_name)
