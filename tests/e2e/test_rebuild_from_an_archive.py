"""`ecshop rebuild --from`: a lake that is complete becomes rows; one that is not is refused, and says what it lacks."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from tests.support.archive import archive
from tests.support.aws_shop import aws_settings
from tests.support.command import ecshop, is_sentence
from tests.support.commits import fill
from tests.support.durable_shop import Variables, order_in, shop_on

pytestmark = [pytest.mark.postgres, pytest.mark.ministack]


@pytest.fixture
def settings(ministack_endpoint: str, postgres_url: str) -> Iterator[Variables]:
    """Give a shop with an order, whose rows nobody has made."""
    with aws_settings(ministack_endpoint, postgres_url) as settings:
        with shop_on(settings) as shop:
            order_in(shop)
        yield settings | {"S3_ENDPOINT": ministack_endpoint}


def refused(settings: Variables, place: str, *words: str) -> None:
    """Check that nothing is rebuilt from a place, and that one sentence says why."""
    ended = ecshop("rebuild", "--from", place, **settings)
    assert ended.exit_code == 2
    is_sentence(ended.stderr, *words)


def test_rows_are_made_from_an_archive_that_is_complete(
    settings: Variables, tmp_path: Path, ministack_endpoint: str
) -> None:
    with shop_on(settings) as shop:
        archive(tmp_path, shop.event_store().replay(), settings["DYNAMODB_TABLE_NAME"])
    s3 = boto3.client("s3", "ap-northeast-1", endpoint_url=ministack_endpoint)
    bucket = settings["DYNAMODB_TABLE_NAME"]
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    for path in tmp_path.rglob("ec-events-*"):
        s3.put_object(Bucket=bucket, Key=path.relative_to(tmp_path).as_posix(), Body=path.read_bytes())

    ended = ecshop("rebuild", "--from", f"s3://{bucket}/events/", **settings)

    assert ended.exit_code == 0, ended.stderr
    assert "The archive is complete" in ended.stdout
    assert "Generation 2 is live." in ended.stdout
    with shop_on(settings) as shop:
        streams = {head.stream for head in shop.event_store().heads()}
        assert set(shop.projections().standings(streams)) == streams
        assert shop.read_models.reconcile().look(deep=True).differences == ()
    refused(settings, f"s3://{bucket}/nothing/", "no object", bucket)
    refused(settings, "s3://no-such-bucket/", "NoSuchBucket")
    refused(settings, "s3://", "s3://bucket/prefix")
    refused(settings, str(tmp_path / "nowhere"), "no folder", "nowhere")
    refused(settings | {"STORE": "postgres"}, str(tmp_path), "STORE=dynamodb")


def test_an_archive_that_lacks_an_event_is_refused_but_for_what_may_be_on_its_way(
    settings: Variables, tmp_path: Path
) -> None:
    with shop_on(settings) as shop:
        fill(shop.event_store(), "inventory-old", 3)  # of the test's day, long ago
        kept = [event for event in shop.event_store().replay() if event.stream != "inventory-old" or event.version != 3]
        archive(tmp_path / "lacking", kept, settings["DYNAMODB_TABLE_NAME"])

    ended = ecshop("rebuild", "--from", str(tmp_path / "lacking"), **settings)

    assert ended.exit_code == 2
    assert "  inventory-old version 3: missing\n" in ended.stdout
    assert "The archive lacks 1 events of the store; nothing was rebuilt" in ended.stderr
    with shop_on(settings) as shop:
        assert [each.number for each in shop.projections().generations()] == [1]
        *kept, lost = sorted(shop.event_store().replay(), key=lambda event: event.created_at)
        archive(tmp_path / "new", kept, settings["DYNAMODB_TABLE_NAME"])

    ended = ecshop("rebuild", "--from", str(tmp_path / "new"), **settings)

    assert ended.exit_code == 0, ended.stderr
    assert "1 events of the last minutes are not yet in the archive" in ended.stdout
    with shop_on(settings) as shop:  # reconciling read it from the store
        assert shop.projections().standings([lost.stream])[lost.stream].cursor.event_id == lost.id
