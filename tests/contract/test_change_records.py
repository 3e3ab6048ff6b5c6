"""The records of the change feed, read as `docs/delivery.md` says they come: fixtures of each shape, and what may be wrong with them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dynamodb.items import event_item
from adapters.kinesis.records import Carried, decode
from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import metadata_json
from core.ports.event_feed import Doorbell, Unreadable
from core.ports.events import Metadata

pytestmark = pytest.mark.memory

RECORDS = Path(__file__).parent / "records"
SHAPES = ("aws-milliseconds", "aws-microseconds", "streams-seconds")
STREAM = "inventory-0192f0c1-5b1e-7c3a-9d61-3a0f3f1f7a01"

Record = dict[str, Any]


def record(shape: str = "aws-milliseconds") -> Record:
    """Give a fixture, to be damaged."""
    loaded: Record = json.loads((RECORDS / f"{shape}.json").read_text())
    return loaded


def carried(change: object, table: str = "events") -> Carried | None:
    """Read a record as the feed brings it."""
    data = change if isinstance(change, bytes) else json.dumps(change).encode()
    return decode(data, table, JsonCodec(), "shard/1")


def doorbell(change: object) -> Doorbell:
    """Give the doorbell that a record is."""
    read = carried(change)
    assert read
    assert isinstance(read.delivery, Doorbell)
    return read.delivery


def unreadable(change: object) -> str:
    """Give the reason why a record cannot be read."""
    read = carried(change)
    assert read
    assert isinstance(read.delivery, Unreadable)
    assert read.delivery.position == "shard/1"
    return read.delivery.reason


@pytest.mark.parametrize("shape", SHAPES)
def test_a_record_is_a_doorbell_with_the_event_as_the_table_has_it(shape: str) -> None:
    rung = doorbell(record(shape))

    assert (rung.stream, rung.version, rung.position) == (STREAM, 2, "shard/1")
    assert rung.event
    assert rung.event.created_at == datetime(2026, 11, 25, 9, 30, 0, 123456, UTC)
    assert rung.event.metadata == Metadata(correlation_id="a-request", command="PlaceOrder", actor="guest-1")
    metadata = metadata_json(JsonCodec(), rung.event.metadata).decode()
    kept = record(shape)["dynamodb"]["NewImage"] | {"gsi1pk": event_item(rung.event, metadata)["gsi1pk"]}
    assert event_item(rung.event, metadata) == kept


@pytest.mark.parametrize(
    ("shape", "microsecond"), [("aws-milliseconds", 123_000), ("aws-microseconds", 123_456), ("streams-seconds", 0)]
)
def test_the_time_of_the_change_is_read_in_the_unit_of_its_shape(shape: str, microsecond: int) -> None:
    read = carried(record(shape))

    assert read
    assert read.changed_at == datetime(2026, 11, 25, 9, 30, 0, microsecond, UTC)


@pytest.mark.parametrize("at", [None, "soon", 10**40, -(10**40), 1e308])
def test_a_time_that_cannot_be_meant_is_unknown_and_the_record_is_read(at: object) -> None:
    change = record()
    change["dynamodb"]["ApproximateCreationDateTime"] = at
    read = carried(change)

    assert read
    assert isinstance(read.delivery, Doorbell)
    assert read.changed_at is None


@pytest.mark.parametrize("kind", ["MODIFY", "REMOVE", "insert", ""])
def test_only_an_insert_carries_an_event(kind: str) -> None:
    assert carried(record() | {"eventName": kind}) is None


@pytest.mark.parametrize("shape", SHAPES)
def test_a_record_of_another_table_is_ignored_whatever_is_in_it(shape: str) -> None:
    assert carried(record(shape), table="event") is None
    assert carried(record(shape) | {"dynamodb": {"Keys": "none"}}, table="other") is None


def without(*path: str) -> Callable[[Record], None]:
    """Take away what is there."""

    def damage(change: Record) -> None:
        inside = change["dynamodb"]
        for name in path[:-1]:
            inside = inside[name]
        del inside[path[-1]]

    return damage


def having(value: object, *path: str) -> Callable[[Record], None]:
    """Put something else there."""

    def damage(change: Record) -> None:
        inside = change["dynamodb"]
        for name in path[:-1]:
            inside = inside[name]
        inside[path[-1]] = value

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        without("NewImage"),
        having(None, "NewImage"),
        having("gone", "NewImage"),
        having([], "NewImage"),
        without("NewImage", "data"),
        without("NewImage", "id"),
        without("NewImage", "created_at"),
        without("NewImage", "aggregate_id"),
        having({"N": "3"}, "NewImage", "version"),
        having({"S": "another"}, "NewImage", "aggregate_id"),
        having({"B": "e30="}, "NewImage", "data"),
        having("{}", "NewImage", "data"),
        having({"S": 1}, "NewImage", "metadata"),
    ],
)
def test_whatever_its_image_is_like_a_record_with_its_keys_is_a_doorbell(damage: Callable[[Record], None]) -> None:
    change = record()
    damage(change)

    assert doorbell(change) == Doorbell(STREAM, 2, None, "shard/1")


def test_an_image_whose_data_is_no_json_is_the_event_for_its_fold_to_refuse() -> None:
    change = record()
    change["dynamodb"]["NewImage"]["data"]["S"] = "{"

    event = doorbell(change).event
    assert event
    assert event.data == b"{"


@pytest.mark.parametrize(
    "damage",
    [
        without("Keys"),
        having(None, "Keys"),
        having({}, "Keys"),
        without("Keys", "version"),
        having({"S": "2"}, "Keys", "version"),
        having({"N": 2}, "Keys", "version"),
        having({"N": "0"}, "Keys", "version"),
        having({"N": "-1"}, "Keys", "version"),
        having({"N": "1.5"}, "Keys", "version"),
        having({"N": "²"}, "Keys", "version"),
        having({"N": "9" * 19}, "Keys", "version"),
        having({"N": "9" * 100_000}, "Keys", "version"),
        having({"S": ""}, "Keys", "aggregate_id"),
        having({"N": "1"}, "Keys", "aggregate_id"),
        having({"S": "a\0b"}, "Keys", "aggregate_id"),
        having({"S": "x" * 2049}, "Keys", "aggregate_id"),
        having({"S": "é" * 1025}, "Keys", "aggregate_id"),
    ],
)
def test_a_record_whose_keys_cannot_be_read_is_unreadable(damage: Callable[[Record], None]) -> None:
    change = record()
    damage(change)

    assert "keys" in unreadable(change)


@pytest.mark.parametrize("stream", ["x" * 2048, "é" * 1024])
def test_the_longest_name_that_dynamodb_keeps_is_read(stream: str) -> None:
    change = record()
    change["dynamodb"]["Keys"]["aggregate_id"]["S"] = stream

    assert doorbell(change).stream == stream


@pytest.mark.parametrize("name", [rb'"\ud800"', b'"\xed\xa0\x80"'])
def test_a_name_that_is_half_a_character_is_unreadable(name: bytes) -> None:
    whole = json.dumps(record()).encode()

    assert "not a change record" in unreadable(whole.replace(json.dumps(STREAM).encode(), name))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"eventName": "INSERT"}',
        b"[" * 100_000,
        b'{"eventName": 1, "dynamodb": {}}',
    ],
)
def test_what_is_no_change_record_is_unreadable(data: bytes) -> None:
    assert "not a change record" in unreadable(data)


def test_a_record_that_names_no_table_is_unreadable() -> None:
    change = record()
    del change["tableName"]

    assert "table" in unreadable(change)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_decoder_raise(data: bytes) -> None:
    read = carried(data)

    assert read is None or isinstance(read.delivery, Unreadable)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["S", "N", "aggregate_id", "version", "id"]), inner)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(["Keys", "NewImage", "ApproximateCreationDateTime", "ApproximateCreationDateTimePrecision"]), JSON
)
def test_no_value_in_a_record_makes_the_decoder_raise(name: str, value: object) -> None:
    change = record()
    change["dynamodb"][name] = value

    assert carried(change)
