"""The DynamoDB tables: how they are made, what is refused and in which words, and what stands in them."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from adapters.dynamodb.checks import check_tables
from adapters.dynamodb.client import DynamoDBProblem, dynamodb_client
from adapters.dynamodb.items import event_item
from adapters.dynamodb.layout import SETTINGS, Tables
from adapters.dynamodb.tables import create_tables
from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import record
from core.domain.product import ProductCreated
from core.ports.commit import Claim
from core.ports.event_store import StreamDamaged
from core.ports.events import Metadata, Undecodable
from core.ports.snapshot_store import Snapshot
from tests.contract.dynamodb_harness import DynamoDBHarness, client_of, fresh_names
from tests.support.commits import AT, adding, commit_of, fill, stock_added, versions
from tests.support.faulty_proxy import READS, Exchange, Fault, lose_request, refuse, respond, show_a_page

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

SERVERS = [pytest.param(name, marks=getattr(pytest.mark, name)) for name in ("moto", "ministack")]


@pytest.fixture(params=SERVERS)
def dynamodb(request: pytest.FixtureRequest) -> Iterator[DynamoDBHarness]:
    """Give an empty store behind a proxy."""
    with closing(DynamoDBHarness.open(request.getfixturevalue(f"{request.param}_endpoint"))) as harness:
        harness.proxy.asked.clear()
        yield harness


def table_names(client: "DynamoDBClient") -> set[str]:
    """Give the names of all tables of the server."""
    return {name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]}


def problem_of(client: "DynamoDBClient", tables: Tables) -> str:
    """Give the sentence with which a start on these tables is refused."""
    with pytest.raises(DynamoDBProblem) as problem:
        check_tables(client, tables)
    sentence = str(problem.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def old_events_table(client: "DynamoDBClient", name: str) -> None:
    """Make an events table as the earlier implementation had it: without GSI2."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "aggregate_id", "KeyType": "HASH"},
            {"AttributeName": "version", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "aggregate_id", "AttributeType": "S"},
            {"AttributeName": "version", "AttributeType": "N"},
        ],
    )


OLD_EVENT: dict[str, Any] = {
    "aggregate_id": {"S": "p-1"},
    "version": {"N": "1"},
    "id": {"S": "e-1"},
    "aggregate_type": {"S": "Product"},
    "event_type": {"S": "ProductCreated"},
    "data": {"S": "{}"},
    "created_at": {"S": "2024-01-02T03:04:05.67+09:00"},
    "gsi1pk": {"S": "EVENTS"},
}


def test_the_tables_are_made_as_the_shop_needs_them(dynamodb: DynamoDBHarness) -> None:
    tables = [dynamodb.direct.describe_table(TableName=name)["Table"] for name in dynamodb.tables]

    keys = [[(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] for table in tables]
    assert keys == [[("aggregate_id", "HASH"), ("version", "RANGE")], [("aggregate_id", "HASH")], [("key", "HASH")]]
    indexes = {
        index["IndexName"]: (
            [key["AttributeName"] for key in index["KeySchema"]],
            index["Projection"]["ProjectionType"],
        )
        for index in tables[0]["GlobalSecondaryIndexes"]
    }
    assert indexes == {
        "GSI1": (["gsi1pk", "created_at"], "ALL"),
        "GSI2": (["outbox", "aggregate_id"], "KEYS_ONLY"),
    }
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in tables[0]["AttributeDefinitions"]}
    assert types == {"aggregate_id": "S", "version": "N", "gsi1pk": "S", "created_at": "S", "outbox": "S"}
    assert all(table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST" for table in tables)
    to_live = dynamodb.direct.describe_time_to_live(TableName=dynamodb.tables.claims)["TimeToLiveDescription"]
    assert to_live == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    check_tables(dynamodb.client, dynamodb.tables)


def test_making_tables_again_does_nothing(dynamodb: DynamoDBHarness) -> None:
    fill(dynamodb.store, "s", 2)
    dynamodb.proxy.asked.clear()

    assert create_tables(dynamodb.client, dynamodb.tables, dynamodb.environment) == ()

    assert {"CreateTable", "UpdateTimeToLive"}.isdisjoint(dynamodb.proxy.operations())
    assert versions(dynamodb.store, "s") == [1, 2]


def test_only_what_is_missing_is_made(dynamodb: DynamoDBHarness) -> None:
    fill(dynamodb.store, "s", 2)
    dynamodb.direct.delete_table(TableName=dynamodb.tables.claims)

    assert create_tables(dynamodb.client, dynamodb.tables, dynamodb.environment) == (dynamodb.tables.claims,)

    assert versions(dynamodb.store, "s") == [1, 2]
    to_live = dynamodb.direct.describe_time_to_live(TableName=dynamodb.tables.claims)["TimeToLiveDescription"]
    assert to_live["TimeToLiveStatus"] == "ENABLED"


def test_two_who_make_the_tables_at_once_both_succeed(dynamodb: DynamoDBHarness) -> None:
    def made_by_another(exchange: Exchange) -> None:
        exchange.forward()
        refuse("ResourceInUseException")(exchange)

    dynamodb.direct.delete_table(TableName=dynamodb.tables.events)
    dynamodb.proxy.on(("CreateTable",), made_by_another)

    create_tables(dynamodb.client, dynamodb.tables, dynamodb.environment)

    fill(dynamodb.store, "s", 1)


def still(status: str) -> Fault:
    """Say of the table, or of its indexes, that it is not ready."""

    def not_ready(exchange: Exchange) -> None:
        code, body, headers = exchange.forward()
        kept = [(name, value) for name, value in headers if name.lower() != "x-amz-crc32"]
        exchange.answer(code, body.replace(f'"{status}": "ACTIVE"'.encode(), f'"{status}": "CREATING"'.encode()), kept)

    return not_ready


def passed(exchange: Exchange) -> None:
    """Answer as the server does."""
    exchange.answer(*exchange.forward())


@pytest.mark.parametrize("status", ["TableStatus", "IndexStatus"])
def test_tables_are_waited_for_until_they_and_their_indexes_are_ready(dynamodb: DynamoDBHarness, status: str) -> None:
    before = dynamodb.environment.monotonic()
    look = [passed] * len(dynamodb.tables)
    dynamodb.proxy.on(("DescribeTable",), *look, still(status), passed, passed, still(status), passed, passed)

    create_tables(dynamodb.client, dynamodb.tables, dynamodb.environment)

    assert dynamodb.environment.monotonic() - before == pytest.approx(2)
    assert dynamodb.proxy.operations().count("DescribeTable") == 3 + 3 + 1 + 1


def test_tables_that_are_never_ready_are_not_waited_for_without_end(dynamodb: DynamoDBHarness) -> None:
    environment = dynamodb.environment
    hasty = replace(environment, sleep=lambda seconds: environment.sleep(seconds * 50))
    dynamodb.proxy.on(("DescribeTable",), *[passed] * 3, *[still("TableStatus")] * 100)

    with pytest.raises(DynamoDBProblem, match="not usable after 300 s"):
        create_tables(dynamodb.client, dynamodb.tables, hasty)


@pytest.mark.parametrize("place", range(3))
def test_a_missing_table_is_named_with_its_setting(dynamodb: DynamoDBHarness, place: int) -> None:
    names = list(dynamodb.tables)
    names[place] = "nowhere"

    sentence = problem_of(dynamodb.client, Tables(*names))

    assert "'nowhere'" in sentence
    assert "ecshop tables create" in sentence
    assert [setting for setting in SETTINGS if setting in sentence] == [SETTINGS[place]]


def test_a_table_of_an_earlier_implementation_is_refused(dynamodb: DynamoDBHarness) -> None:
    dynamodb.direct.put_item(TableName=dynamodb.tables.events, Item=OLD_EVENT)

    sentence = problem_of(dynamodb.client, dynamodb.tables)

    assert "earlier implementation" in sentence
    assert "use a fresh table" in sentence
    assert "DYNAMODB_TABLE_NAME" in sentence


def test_nothing_is_made_beside_a_table_of_an_earlier_implementation(dynamodb: DynamoDBHarness) -> None:
    dynamodb.direct.put_item(TableName=dynamodb.tables.events, Item=OLD_EVENT)
    tables = fresh_names()._replace(events=dynamodb.tables.events)

    with pytest.raises(DynamoDBProblem, match="use a fresh table"):
        create_tables(dynamodb.client, tables, dynamodb.environment)

    assert table_names(dynamodb.direct).isdisjoint({tables.snapshots, tables.claims})


def test_an_empty_table_of_an_earlier_implementation_is_refused_too(dynamodb: DynamoDBHarness) -> None:
    name = fresh_names().events
    old_events_table(dynamodb.direct, name)

    assert "use a fresh table" in problem_of(dynamodb.client, dynamodb.tables._replace(events=name))
    with pytest.raises(DynamoDBProblem, match="use a fresh table"):
        create_tables(dynamodb.client, dynamodb.tables._replace(events=name), dynamodb.environment)


def test_a_table_with_other_keys_is_refused(dynamodb: DynamoDBHarness) -> None:
    mixed_up = dynamodb.tables._replace(claims=dynamodb.tables.snapshots)

    sentence = problem_of(dynamodb.client, mixed_up)

    assert "aggregate_id S, not key S" in sentence
    assert "DYNAMODB_CLAIMS_TABLE_NAME" in sentence


def test_events_of_our_own_are_no_earlier_implementation(dynamodb: DynamoDBHarness) -> None:
    fill(dynamodb.store, "s", 12)

    check_tables(dynamodb.client, dynamodb.tables)


def test_an_endpoint_that_does_not_answer_is_named(dynamodb: DynamoDBHarness) -> None:
    endpoint = dynamodb.free_endpoint()

    for act in (check_tables, lambda client, tables: create_tables(client, tables, dynamodb.environment)):
        with pytest.raises(DynamoDBProblem) as problem:
            act(client_of(endpoint), dynamodb.tables)
        assert endpoint in str(problem.value)
        assert "DYNAMODB_ENDPOINT" in str(problem.value)
        assert "DYNAMODB_REGION" in str(problem.value)


@pytest.mark.parametrize("fault", [lose_request, show_a_page])
def test_an_endpoint_that_is_no_dynamodb_is_named(dynamodb: DynamoDBHarness, fault: Fault) -> None:
    dynamodb.proxy.on(("DescribeTable",), fault)

    assert "DYNAMODB_ENDPOINT" in problem_of(dynamodb.client, dynamodb.tables)


@pytest.mark.parametrize("operation", ["DescribeTable", "Scan"])
@pytest.mark.parametrize("code", ["UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException"])
def test_wrong_credentials_are_named(dynamodb: DynamoDBHarness, operation: str, code: str) -> None:
    dynamodb.proxy.on((operation,), refuse(code))

    sentence = problem_of(dynamodb.client, dynamodb.tables)

    assert code in sentence
    assert "AWS_ACCESS_KEY_ID" in sentence
    assert "AWS_SECRET_ACCESS_KEY" in sentence


def test_rights_that_are_missing_are_named(dynamodb: DynamoDBHarness) -> None:
    dynamodb.proxy.on(("DescribeTable",), refuse("AccessDeniedException"))

    assert "AWS credentials may not do this" in problem_of(dynamodb.client, dynamodb.tables)


def test_any_other_refusal_is_told_as_dynamodb_says_it(dynamodb: DynamoDBHarness) -> None:
    dynamodb.proxy.on(("DescribeTable",), refuse("ValidationException"))

    sentence = problem_of(dynamodb.client, dynamodb.tables)

    assert "ValidationException: says the test" in sentence
    assert "DYNAMODB_ENDPOINT" in sentence


@pytest.mark.moto
def test_missing_credentials_are_named(monkeypatch: pytest.MonkeyPatch, moto_endpoint: str) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    sentence = problem_of(dynamodb_client("ap-northeast-1", moto_endpoint), fresh_names())

    assert "AWS_ACCESS_KEY_ID" in sentence


@pytest.mark.memory
@pytest.mark.parametrize(
    ("region", "endpoint", "setting"),
    [("ap-northeast-1", "localhost:8000", "DYNAMODB_ENDPOINT"), ("not a region", None, "DYNAMODB_REGION")],
)
def test_a_region_or_an_endpoint_that_cannot_be_meant_is_named(region: str, endpoint: str | None, setting: str) -> None:
    with pytest.raises(DynamoDBProblem, match=setting):
        dynamodb_client(region, endpoint, credentials=("test", "test"))


@pytest.mark.memory
@pytest.mark.parametrize("empty", [None, ""])
def test_no_endpoint_is_aws_whatever_else_is_configured(monkeypatch: pytest.MonkeyPatch, empty: str | None) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    client = dynamodb_client("ap-northeast-1", empty, credentials=("test", "test"))

    assert client.meta.endpoint_url == "https://dynamodb.ap-northeast-1.amazonaws.com"


def test_an_event_is_stored_as_the_specification_says(dynamodb: DynamoDBHarness) -> None:
    commit = replace(
        adding(ProductCreated("p-1", "煎茶", "", 1_200, 3, AT), to="p-1", at_version=0),
        metadata=Metadata("a-request", "a-cause", "CreateProduct", "admin", "ja"),
        created_at=AT.replace(microsecond=0),
    )
    dynamodb.store.commit(commit)

    (item,) = dynamodb.direct.scan(TableName=dynamodb.tables.events)["Items"]

    data, metadata = json.loads(item.pop("data")["S"]), json.loads(item.pop("metadata")["S"])
    assert item == {
        "aggregate_id": {"S": "p-1"},
        "version": {"N": "1"},
        "id": {"S": commit.appends[0].events[0].id},
        "aggregate_type": {"S": "Product"},
        "event_type": {"S": "ProductCreated"},
        "schema_version": {"N": "1"},
        "created_at": {"S": "2026-01-02T03:04:05.000000Z"},
        "commit_id": {"S": commit.id},
        "gsi1pk": {"S": "EVENTS#07"},
    }
    assert (data["name"], data["stock"]) == ("煎茶", 3)
    assert metadata == {
        "correlation_id": "a-request",
        "causation_id": "a-cause",
        "command": "CreateProduct",
        "actor": "admin",
        "locale": "ja",
    }


@pytest.mark.memory
def test_streams_are_spread_over_the_16_partitions_of_the_index() -> None:
    commits = [adding(stock_added(), to=f"s-{number}", at_version=0) for number in range(200)]

    items = [event_item(events[0], "{}") for commit in commits for events in record(JsonCodec(), commit)]

    assert {item["gsi1pk"]["S"] for item in items} == {f"EVENTS#{bucket:02}" for bucket in range(16)}


def test_a_claim_is_stored_as_the_specification_says(dynamodb: DynamoDBHarness) -> None:
    commit = commit_of(claims=[Claim("all", "me", b'{"a":1}', AT), Claim("least", "me")])
    dynamodb.store.commit(commit)

    items = {item["key"]["S"]: item for item in dynamodb.direct.scan(TableName=dynamodb.tables.claims)["Items"]}

    least = {"key": {"S": "least"}, "owner": {"S": "me"}, "commit_id": {"S": commit.id}}
    # 03:04:05.678901 is rounded up: time to live counts whole seconds, and nothing may end early.
    rest = {"value": {"S": '{"a":1}'}, "expires_at": {"N": str(int(AT.timestamp()) + 1)}}
    assert items == {"all": least | {"key": {"S": "all"}} | rest, "least": least}


def test_a_claim_ends_to_the_microsecond(dynamodb: DynamoDBHarness) -> None:
    end = AT.replace(microsecond=0)
    dynamodb.store.commit(commit_of(claims=[Claim("key", "first", expires_at=end)]))

    assert dynamodb.store.find_claim("key", end - timedelta(microseconds=1)) is not None
    with pytest.raises(Exception, match="is taken"):
        dynamodb.store.commit(commit_of(claims=[Claim("key", "second")], created_at=end - timedelta(microseconds=1)))
    dynamodb.store.commit(commit_of(claims=[Claim("key", "second")], created_at=end))


def test_what_is_missing_or_malformed_is_read_as_empty(dynamodb: DynamoDBHarness) -> None:
    bare: dict[str, Any] = {"aggregate_id": {"S": "s"}, "version": {"N": "1"}, "event_type": {"S": "StockAdded"}}
    garbled = bare | {
        "version": {"N": "2"},
        "data": {"M": {}},
        "metadata": {"S": "[1"},
        "created_at": {"S": "yesterday"},
        "schema_version": {"N": "1.5"},
        "id": {"N": "7"},
    }
    for item in (bare, garbled):
        dynamodb.direct.put_item(TableName=dynamodb.tables.events, Item=item)

    events = list(dynamodb.store.read("s"))

    assert events == list(dynamodb.store.replay())
    for version, event in enumerate(events, 1):
        assert (event.stream, event.version, event.type, event.data) == ("s", version, "StockAdded", b"")
        assert (event.id, event.schema_version, event.commit_id, event.metadata) == ("", 0, "", Metadata())
        with pytest.raises(Undecodable):
            JsonCodec().decode_event(event)


def test_a_snapshot_without_a_state_is_none(dynamodb: DynamoDBHarness) -> None:
    dynamodb.snapshots.save(Snapshot("s", "Product", 1, 1, b"{}", AT))
    dynamodb.direct.put_item(
        TableName=dynamodb.tables.snapshots, Item={"aggregate_id": {"S": "s"}, "version": {"N": "1"}}
    )

    assert dynamodb.snapshots.load("s") is None


def seed(dynamodb: DynamoDBHarness, stream: str, count: int, description: str) -> None:
    """Put events behind the store's back, 25 a request: moto takes minutes for large transactions."""
    events = [ProductCreated("p", f"{number}", description, 1, 1, AT) for number in range(1, count + 1)]
    items = []
    for start in range(0, count, 50):
        (recorded,) = record(JsonCodec(), adding(*events[start : start + 50], to=stream, at_version=start))
        items += [event_item(event, "{}") for event in recorded]
    batch = 25 if len(description) < 10_000 else 5
    for start in range(0, count, batch):
        puts: list[Any] = [{"PutRequest": {"Item": item}} for item in items[start : start + batch]]
        answer = dynamodb.direct.batch_write_item(RequestItems={dynamodb.tables.events: puts})
        assert not answer.get("UnprocessedItems")


MANY_PAGES = [
    pytest.param("ministack", 5_000, "一", marks=pytest.mark.ministack, id="5,000 events on MiniStack"),
    pytest.param("ministack", 100, "x" * 55_000, marks=pytest.mark.ministack, id="5 MB on MiniStack"),
    # moto takes minutes for the pages of 5,000 events.
    pytest.param("moto", 100, "x" * 55_000, marks=pytest.mark.moto, id="5 MB on moto"),
]


@pytest.mark.parametrize(("dynamodb", "count", "description"), MANY_PAGES, indirect=["dynamodb"])
def test_a_stream_of_many_pages_is_read_whole_and_in_order(
    dynamodb: DynamoDBHarness, count: int, description: str
) -> None:
    seed(dynamodb, "s", count, description)
    seed(dynamodb, "t", 3, "")

    for events in (
        list(dynamodb.store.read("s")),
        [event for event in dynamodb.store.replay() if event.stream == "s"],
    ):
        assert [event.version for event in events] == list(range(1, count + 1))
        assert [json.loads(event.data)["name"] for event in events] == [f"{n}" for n in range(1, count + 1)]
        assert sum(len(event.data) for event in events) >= count * len(description.encode())
    assert {head.stream: head.version for head in dynamodb.store.heads()} == {"s": count, "t": 3}
    assert versions(dynamodb.store, "s", count - 1) == [count - 1, count]


@pytest.mark.parametrize("dynamodb", SERVERS[:1], indirect=True)  # MiniStack before 1.5 knows no pages
def test_what_is_more_than_a_megabyte_comes_in_pages(dynamodb: DynamoDBHarness) -> None:
    seed(dynamodb, "s", 60, "x" * 55_000)

    assert versions(dynamodb.store, "s") == [event.version for event in dynamodb.store.replay()]

    assert len(dynamodb.proxy.bodies("Query")) > 2
    assert len(dynamodb.proxy.bodies("Scan")) > 2


def test_a_hole_many_pages_on_is_found(dynamodb: DynamoDBHarness) -> None:
    seed(dynamodb, "s", 60, "x" * 55_000)
    dynamodb.dig_hole("s", 41)

    for read in (dynamodb.store.read("s"), dynamodb.store.replay()):
        seen = []
        with pytest.raises(StreamDamaged) as damaged:
            seen += [next(read).version for _ in range(60)]
        assert (damaged.value.stream, damaged.value.version) == ("s", 41)


def test_an_empty_page_is_not_the_end(dynamodb: DynamoDBHarness) -> None:
    fill(dynamodb.store, "s", 2)
    before_all = {"aggregate_id": {"S": " "}, "version": {"N": "1"}}
    dynamodb.proxy.on_reads(respond(200, {"Items": [], "Count": 0, "LastEvaluatedKey": before_all}))

    assert [event.version for event in dynamodb.store.replay()] == [1, 2]


def test_every_read_is_consistent(dynamodb: DynamoDBHarness) -> None:
    fill(dynamodb.store, "s", 1)
    dynamodb.lose_answers(1_000)
    dynamodb.store.commit(adding(stock_added(), to="s", at_version=1))

    list(dynamodb.store.read("s"))
    list(dynamodb.store.replay())
    list(dynamodb.store.heads())
    dynamodb.store.find_claim("key", AT)
    dynamodb.snapshots.load("s")

    reads = [asked for asked in dynamodb.proxy.asked if asked.operation in READS]
    assert sorted(asked.operation for asked in reads) == ["GetItem"] * 3 + ["Query", "Scan", "Scan"]
    assert all(asked.body["ConsistentRead"] is True for asked in reads)


def test_a_table_that_was_made_again_has_another_life(dynamodb: DynamoDBHarness) -> None:
    before = dynamodb.store.incarnation()
    dynamodb.direct.delete_table(TableName=dynamodb.tables.events)
    create_tables(dynamodb.direct, dynamodb.tables, dynamodb.environment)

    assert dynamodb.store.incarnation() != before
