"""The services that the shop uses."""

from typing import NamedTuple


class Service(NamedTuple):
    """A service by its name among people, the settings that say where it is, and the header that each of its answers has."""

    name: str
    endpoint_setting: str
    region_setting: str
    header: str = "x-amzn-requestid"

    @property
    def id(self) -> str:
        """Its name among programs."""
        return self.name.lower()


DYNAMODB = Service("DynamoDB", "DYNAMODB_ENDPOINT", "DYNAMODB_REGION")

# A table streams to a stream of its own region alone.
KINESIS = Service("Kinesis", "KINESIS_ENDPOINT", "DYNAMODB_REGION")

# Functions read a stream of their own region alone.
LAMBDA = Service("Lambda", "LAMBDA_ENDPOINT", "DYNAMODB_REGION")

# S3 is older than what the others agree upon.
S3 = Service("S3", "S3_ENDPOINT", "DYNAMODB_REGION", header="x-amz-request-id")
