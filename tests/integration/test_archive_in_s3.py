"""An archive in S3, as S3 answers; emulators answer otherwise."""

import pytest

from adapters.kinesis.archive_files import ArchiveProblem
from adapters.kinesis.archive_s3 import records_in_s3, s3_client
from tests.support.s3_server import BUCKET, S3Server, s3_server
from tests.support.strangers import stranger

OBJECTS = {
    "events/hour=01/a file & more": b'{"a": 1}{"b": 2}',
    "events/hour=02/b": b'{"c": 3}',
    "events/hour=03/c": b'{"d": 4}',
    "other/d": b'{"e": 5}',
}
ALL = [b'{"a": 1}', b'{"b": 2}', b'{"c": 3}', b'{"d": 4}']


def records(endpoint: str) -> list[bytes]:
    """Read what lies below `events/`."""
    client = s3_client("ap-northeast-1", endpoint, credentials=("test", "test"))
    return [record.data for record in records_in_s3(client, BUCKET, "events/")]


def read(s3: S3Server) -> list[bytes]:
    """Read from this server."""
    return records(s3.endpoint)


def test_every_object_below_the_prefix_is_read_by_key_to_the_last_page_of_the_list() -> None:
    with s3_server(OBJECTS, page_size=2) as s3:
        assert read(s3) == ALL
        assert s3.asked.count("the list") == 2


def test_a_place_without_objects_is_told() -> None:
    with s3_server({}) as s3, pytest.raises(ArchiveProblem, match=rf"^There is no object in s3://{BUCKET}/events/\.$"):
        read(s3)


def test_a_page_of_something_else_is_not_taken_for_an_empty_bucket() -> None:
    with stranger(200, b"<html>Please log in.</html>") as endpoint, pytest.raises(ArchiveProblem, match="S3_ENDPOINT"):
        records(endpoint)
