"""What stands in the tables: events, claims and snapshots as items."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.dynamodb.items import event_item
from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import record
from core.domain.product import ProductCreated
from core.ports.commit import Claim
from core.ports.events import Metadata, Undecodable
from core.ports.snapshot_store import Snapshot
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.support.commits import AT, adding, commit_of, stock_added


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


def test_a_stream_of_the_one_partition_that_there_was_once_is_seen_to_change(dynamodb: DynamoDBHarness) -> None:
    dynamodb.another().commit(adding(stock_added(), to="s", at_version=0))
    (item,) = dynamodb.direct.scan(TableName=dynamodb.tables.events)["Items"]
    dynamodb.direct.put_item(TableName=dynamodb.tables.events, Item=item | {"gsi1pk": {"S": "EVENTS"}})

    assert list(dynamodb.store.changed_since(AT)) == ["s"]


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
