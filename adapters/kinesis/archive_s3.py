"""An archive of change records in S3."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapters.aws.client import aws_client
from adapters.aws.failures import FAILURES
from adapters.aws.problems import problem
from adapters.aws.services import S3
from adapters.kinesis.archive_files import ArchivedRecord, ArchiveProblem, records_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def s3_client(region: str, endpoint: str | None = None, *, credentials: tuple[str, str] | None = None) -> "S3Client":
    """Make a client as `aws_client` does.

    Raises:
        AWSProblem: region or endpoint cannot be meant, or the credentials that were found cannot be used.
    """
    client: S3Client = aws_client(S3, region, endpoint, credentials, connect_seconds=5.0, read_seconds=60.0)
    return client


def records_in_s3(client: "S3Client", bucket: str, prefix: str) -> Iterator[ArchivedRecord]:
    """Give every record of the objects whose keys begin with the prefix, by key.

    Raises:
        ArchiveProblem: there is no such bucket, nothing in it, or an object that cannot be read.
    """
    count = 0
    try:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for each in page.get("Contents", []):
                count += 1
                body = client.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
                yield from records_of(body, each["Key"])
    except FAILURES as error:
        raise ArchiveProblem(str(problem(S3, client, error))) from error
    if not count:
        raise ArchiveProblem(f"There is no object in s3://{bucket}/{prefix}.")
