"""Reads go over all pages, and each page is read consistently."""

import json
from typing import Any

import pytest

from adapters.dynamodb.items import event_item
from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import record
from core.domain.product import ProductCreated
from core.ports.event_store import StreamDamaged
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.support.commits import AT, adding, fill, stock_added, versions
from tests.support.faulty_proxy import READS, respond


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
    assert len(dynamodb.proxy.bodies("Query")) > 1
    assert len(dynamodb.proxy.bodies("Scan")) > 1
    assert {head.stream: head.version for head in dynamodb.store.heads()} == {"s": count, "t": 3}
    assert versions(dynamodb.store, "s", count - 1) == [count - 1, count]


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
