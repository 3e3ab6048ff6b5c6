"""An archive of change records in S3."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from adapters.aws.client import aws_client
from adapters.aws.failures import FAILURES, code
from adapters.aws.problems import problem
from adapters.aws.retries import persistently
from adapters.aws.services import S3
from adapters.kinesis.archive_files import ArchivedRecord, ArchiveProblem, records_of
from core.ports.environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

PATIENCE = 30.0
"""Seconds in which one request is repeated: an archive is read for hours, in which S3 is now and then too busy."""


def s3_client(region: str, endpoint: str | None = None, *, credentials: tuple[str, str] | None = None) -> "S3Client":
    """Make a client as `aws_client` does.

    Raises:
        AWSProblem: region or endpoint cannot be meant, or the credentials that were found cannot be used.
    """
    client: S3Client = aws_client(S3, region, endpoint, credentials, connect_seconds=5.0, read_seconds=10.0)
    return client


def records_in_s3(client: "S3Client", bucket: str, prefix: str, environment: Environment) -> Iterator[ArchivedRecord]:
    """Give every record of the objects whose keys begin with the prefix, by key.

    Raises:
        ArchiveProblem: there is no such bucket, nothing in it, or an object that cannot be read.
    """
    key = ""
    try:
        for key in _keys(client, bucket, prefix, environment):
            yield from records_of(_content(client, bucket, key, environment), key)
    except FAILURES as error:
        if code(error) == "InvalidObjectState":
            raise ArchiveProblem(
                f"s3://{bucket}/{key} lies in Glacier: restore it, and whatever else of the archive lies there, and begin again."
            ) from error
        raise ArchiveProblem(str(problem(S3, client, error))) from error
    if not key:
        raise ArchiveProblem(f"There is no object in s3://{bucket}/{prefix}.")


def _keys(client: "S3Client", bucket: str, prefix: str, environment: Environment) -> Iterator[str]:
    # The paginator of boto3 could not be asked again for a page that failed.
    rest: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
    while rest:
        page = persistently(environment, PATIENCE, partial(client.list_objects_v2, **rest))
        yield from (each["Key"] for each in page.get("Contents", []))
        token = page.get("NextContinuationToken")
        rest = rest | {"ContinuationToken": token} if token else {}


def _content(client: "S3Client", bucket: str, key: str, environment: Environment) -> bytes:
    def whole() -> bytes:
        # The answer may be cut long after it began.
        return client.get_object(Bucket=bucket, Key=key)["Body"].read()

    return persistently(environment, PATIENCE, whole)
