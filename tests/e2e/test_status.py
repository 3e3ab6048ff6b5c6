"""`ecshop status`: each part says how it is, what is wrong with it, or why it cannot be looked at; the others go on."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from core.domain.aggregate import Aggregate
from core.ports.events import RecordedEvent, Undecodable
from core.projections.rows import RowFold
from tests.support.aws_shop import aws_settings
from tests.support.command import CREDENTIALS, ecshop, free_port, says_no
from tests.support.durable_shop import Variables, durable_settings, order_in, project, shop_on
from tests.support.faulty_proxy import faulty_proxy, refuse
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.ministack, pytest.mark.postgres, pytest.mark.kinesis]


@pytest.fixture
def settings(ministack_endpoint: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Variables]:
    """Give an empty shop on AWS."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with aws_settings(ministack_endpoint, postgres_url) as settings:
        yield settings


def told(settings: Variables, *, works: bool, **changes: str) -> dict[str, dict[str, Any]]:
    """Give the parts that a status with this outcome tells."""
    ended = ecshop("status", "--json", **settings | changes)
    assert ended.exit_code == (0 if works else 1), ended.output
    status: dict[str, Any] = json.loads(ended.stdout)
    assert status["works"] is works
    assert any(part["status"] == "wrong" for part in status["parts"].values()) is not works
    parts: dict[str, dict[str, Any]] = status["parts"]
    return parts


def wrong(parts: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Give what is wrong, by part."""
    return {name: part["said"] for name, part in parts.items() if part["status"] == "wrong"}


def test_a_shop_that_works_shows_its_tables_stream_readers_rows_and_mails(settings: Variables) -> None:
    with shop_on(settings) as shop:
        _, order_id = order_in(shop, "ann@x.example")
        project(shop)
        parts = told(settings, works=True)

    tables = {row["name"]: row["items"] for row in parts["tables"]["rows"]}
    assert tables[settings["DYNAMODB_TABLE_NAME"]] == 6
    assert set(tables) == {value for name, value in settings.items() if name.endswith("TABLE_NAME")}
    assert parts["stream"]["rows"] == [
        {"name": settings["KINESIS_STREAM_NAME"], "status": "ACTIVE", "retention_hours": 168, "open_shards": 1}
    ]
    assert parts["destination"]["rows"][0]["status"] == "ACTIVE"
    assert {(row["projector"], row["behind_seconds"], row["checkpoint"][:4]) for row in parts["shards"]["rows"]} == {
        ("read-models", 0.0, "0000"),
        ("notifier", 0.0, "0000"),
    }
    assert all(row["owner"] for row in parts["shards"]["rows"])
    assert {(row["projector"], row["events"]) for row in parts["projectors"]["rows"]} == {
        ("read-models", 6),
        ("notifier", 6),
    }
    (mail,) = parts["mails"]["rows"]
    assert (mail["stream"], mail["template"], mail["status"]) == (order_id, "OrderPlaced", "pending")
    assert parts["functions"]["status"] == "note"


def test_looking_takes_no_part_in_the_reading(settings: Variables) -> None:
    with shop_on(settings) as shop:
        order_in(shop)
    for _ in range(2):
        parts = told(settings, works=True)
        assert {(row["owner"], row["checkpoint"]) for row in parts["shards"]["rows"]} == {("", "TRIM_HORIZON")}
    with shop_on(settings) as shop:
        project(shop)
        assert shop.read_models.feed().lag_seconds() == 0.0


def test_a_reader_that_is_behind_is_named(settings: Variables) -> None:
    with shop_on(settings) as shop:
        order_in(shop)
    found = wrong(told(settings, works=False, READY_MAX_LAG="0.000001"))
    assert "read-models is " in found["shards"]
    assert "notifier is " in found["shards"]
    assert "read by nobody" in found["shards"]


def test_people_are_told_the_same_as_a_table(settings: Variables) -> None:
    ended = ecshop("status", **settings)
    assert ended.exit_code == 0
    assert ended.stdout.startswith("ok     tables\n       name ")
    assert ended.stdout.endswith("All is well.\n")
    stopped = ecshop("status", **settings | {"KINESIS_STREAM_NAME": "another"})
    assert stopped.exit_code == 1
    assert "wrong  stream: the stream another is missing\n" in stopped.stdout
    assert stopped.stdout.endswith("Something needs a hand: see `wrong` above.\n")


def test_what_is_missing_is_named_and_the_rest_is_looked_at(settings: Variables) -> None:
    changes = {"DYNAMODB_CLAIMS_TABLE_NAME": "no-claims", "KINESIS_STREAM_NAME": "no-stream"}
    parts = told(settings, works=False, **changes)
    found = wrong(parts)
    assert found["tables"] == "the table no-claims is missing"
    assert found["stream"] == "the stream no-stream is missing"
    assert found["destination"].endswith("to no-stream is missing")
    assert "KINESIS_STREAM_NAME" in found["shards"]
    assert [parts[name]["status"] for name in ("projectors", "parked", "unreadable", "mails")] == ["ok"] * 4


@pytest.mark.parametrize(
    ("answer", "words"),
    [("ProvisionedThroughputExceededException", "too often"), ("ResourceNotFoundException", "no such shard")],
)
def test_a_shard_that_cannot_be_heard_is_wrong(settings: Variables, answer: str, words: str) -> None:
    with shop_on(settings) as shop, faulty_proxy(settings["KINESIS_ENDPOINT"]) as proxy:
        order_in(shop)
        proxy.on(("GetRecords",), *[refuse(answer)] * 1000)
        found = wrong(told(settings, works=False, KINESIS_ENDPOINT=proxy.endpoint))
        assert found.keys() == {"shards"}
        assert words in found["shards"]
        doctor = ecshop("doctor", **settings | {"KINESIS_ENDPOINT": proxy.endpoint})
    assert doctor.exit_code == 1
    assert f"wrong  read-models     {found['shards'][:30]}" in doctor.stdout


def test_a_shard_that_is_asked_too_often_is_asked_again(settings: Variables) -> None:
    with faulty_proxy(settings["KINESIS_ENDPOINT"]) as proxy:
        proxy.on(("GetRecords",), *[refuse("ProvisionedThroughputExceededException")] * 2)
        told(settings, works=True, KINESIS_ENDPOINT=proxy.endpoint)
        assert len(proxy.done) == 2


def test_where_a_reader_cannot_look_the_setting_is_named(settings: Variables) -> None:
    found = wrong(told(settings, works=False, KINESIS_ENDPOINT=f"http://127.0.0.1:{free_port()}"))
    assert "KINESIS_ENDPOINT" in found["shards"]
    found = wrong(told(settings, works=False, DYNAMODB_REGION="eu-west-1"))
    assert "DYNAMODB_REGION" in found["shards"] or "in eu-west-1" in found["shards"]


def test_a_destination_that_was_disabled_is_wrong(settings: Variables, ministack_endpoint: str) -> None:
    client = boto3.client("dynamodb", region_name="ap-northeast-1", endpoint_url=ministack_endpoint)
    (destination,) = client.describe_kinesis_streaming_destination(TableName=settings["DYNAMODB_TABLE_NAME"])[
        "KinesisDataStreamDestinations"
    ]
    client.disable_kinesis_streaming_destination(
        TableName=settings["DYNAMODB_TABLE_NAME"], StreamArn=destination["StreamArn"]
    )
    assert wrong(told(settings, works=False)).keys() == {"destination"}


def test_each_service_that_is_away_says_so_and_the_others_go_on(settings: Variables) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert wrong(told(settings, works=False, KINESIS_ENDPOINT=nowhere)).keys() == {"stream", "shards"}
    found = wrong(told(settings, works=False, DYNAMODB_ENDPOINT=nowhere))
    assert found.keys() == {"tables", "destination", "shards"}
    assert all(nowhere in said for said in found.values())
    parts = told(settings, works=True, LAMBDA_ENDPOINT=nowhere)
    assert (parts["functions"]["status"], nowhere in parts["functions"]["said"]) == ("note", True)
    url = f"postgresql://shop@127.0.0.1:{free_port()}/shop"
    parts = told(settings, works=False, DATABASE_URL=url)
    assert wrong(parts).keys() == {"database"}
    assert "DATABASE_URL" in parts["database"]["said"]


def test_functions_are_needed_where_they_do_the_work(settings: Variables, ministack_endpoint: str) -> None:
    where = {"WORKERS": "lambda", "LAMBDA_NAME_PREFIX": "nobodys-"}
    found = wrong(told(settings, works=False, LAMBDA_ENDPOINT=ministack_endpoint, **where))
    assert found == {"functions": "no function's name begins with nobodys- (LAMBDA_NAME_PREFIX)"}
    # Real AWS is not asked about a shop that is not there.
    assert "LAMBDA_ENDPOINT is not set" in wrong(told(settings, works=False, **where))["functions"]


def test_a_parked_stream_needs_a_hand(settings: Variables, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = RowFold.__call__

    def partly(fold: RowFold, state: Aggregate | None, event: RecordedEvent) -> Aggregate | None:
        if event.type == "OrderPlaced":
            raise Undecodable("OrderPlaced is too new")
        return whole(fold, state, event)

    monkeypatch.setattr(RowFold, "__call__", partly)
    with shop_on(settings) as shop:
        _, order_id = order_in(shop)
        project(shop)
    parts = told(settings, works=False)
    assert wrong(parts).keys() == {"parked"}
    assert [(row["projector"], row["stream"], row["version"]) for row in parts["parked"]["rows"]] == [
        ("read-models", order_id, 1)
    ]


def test_a_record_that_nobody_could_read_needs_a_hand(settings: Variables) -> None:
    with shop_on(settings) as shop, shop.projections().transaction() as transaction:
        transaction.note_unreadable("shard-1:7", "it has no keys")
    parts = told(settings, works=False)
    assert parts["unreadable"]["rows"] == [
        {"projector": "read-models", "position": "shard-1:7", "reason": "it has no keys"}
    ]


def test_a_shop_on_postgresql_alone_has_a_status_too(postgres_url: str) -> None:
    with durable_settings(postgres_url) as settings, shop_on(settings) as shop:
        parts = told(settings, works=True)
        assert list(parts) == ["projectors", "parked", "unreadable", "mails", "feed"]
        assert [row["behind_seconds"] for row in parts["feed"]["rows"]] == [0.0, 0.0]
        order_in(shop)
        wait_until(lambda: shop.read_models.feed().lag_seconds() > 0.1)
        assert wrong(told(settings, works=False, READY_MAX_LAG="0.05")).keys() == {"feed"}


def test_a_shop_in_memory_has_none() -> None:
    says_no(ecshop("status"), "in memory", "STORE=postgres")
