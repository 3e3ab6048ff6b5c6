"""An archive in S3, as S3 answers; emulators answer otherwise."""

from http import HTTPStatus

import pytest

from adapters.kinesis.archive_files import ArchiveProblem
from adapters.kinesis.archive_s3 import records_in_s3, s3_client
from tests.contract.kinesis_harness import Clock
from tests.support.s3_server import BUCKET, Fault, S3Server, answer, cut_short, refuse, s3_server
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
    return [record.data for record in records_in_s3(client, BUCKET, "events/", Clock().environment)]


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


@pytest.mark.parametrize("fault", [refuse(HTTPStatus.SERVICE_UNAVAILABLE, "SlowDown"), cut_short])
@pytest.mark.parametrize("answered", range(5), ids=lambda count: f"after {count} answers")
def test_whatever_s3_does_not_give_is_asked_for_again(answered: int, fault: Fault) -> None:
    """Five requests read it all: a page of the list, two objects, the other page, and one object."""
    with s3_server(OBJECTS, page_size=2) as s3:
        s3.faults.extend([answer] * answered)
        s3.faults.extend([fault, fault])

        assert read(s3) == ALL
        assert len(s3.asked) == 5 + 2


def test_what_s3_does_not_give_for_too_long_is_told() -> None:
    with s3_server(OBJECTS) as s3:
        s3.faults.extend([answer, *[refuse(HTTPStatus.SERVICE_UNAVAILABLE, "SlowDown")] * 1000])

        with pytest.raises(ArchiveProblem, match=r"^S3 .* asked too often \(SlowDown: says the test\): try again"):
            read(s3)
        assert len(s3.asked) < 1000


def test_an_object_in_glacier_is_told_with_what_to_do() -> None:
    with s3_server(OBJECTS) as s3:
        s3.faults.extend([answer, answer, refuse(HTTPStatus.FORBIDDEN, "InvalidObjectState")])

        with pytest.raises(ArchiveProblem, match=f"^s3://{BUCKET}/events/hour=02/b lies in Glacier: restore it"):
            read(s3)
        assert len(s3.asked) == 3
