"""What the outbox on DynamoDB owes beyond its port: what stands in the items, and an index that lags behind."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.serialization.event_items import event_key
from core.ports.commit import Claim, Commit
from core.ports.event_feed import Delivery
from core.ports.event_store import StoreUnavailable
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.contract.dynamodb_writes import FOREVER, dynamodb_of_ministack, one_event, two_streams
from tests.contract.kinesis_harness import KinesisFeeds, rung
from tests.contract.test_outbox import relay_everything, runs_of, write
from tests.support.commits import append, commit_of, fill
from tests.support.faulty_proxy import lose_answer, lose_request
from tests.support.waiting import wait_until

pytestmark = pytest.mark.ministack
dynamodb = dynamodb_of_ministack

MANY = 100


def items_of(dynamodb: DynamoDBHarness) -> list[dict[str, Any]]:
    """Give what stands in the events table, in order."""
    items = dynamodb.direct.scan(TableName=dynamodb.tables.events)["Items"]
    return sorted(map(dict, items), key=lambda item: (item["aggregate_id"]["S"], int(item["version"]["N"])))


def test_a_mark_is_the_partition_of_its_stream_in_the_sparse_index(dynamodb: DynamoDBHarness) -> None:
    dynamodb.marking().commit(commit_of(*(append(f"s-{number}", 0) for number in range(40))))

    marks = [(item["gsi1pk"]["S"], item["outbox"]["S"]) for item in items_of(dynamodb)]

    assert all(mark == time.replace("EVENTS", "OUTBOX") for time, mark in marks)
    assert len(set(marks)) > 10
    index = dynamodb.direct.scan(TableName=dynamodb.tables.events, IndexName="GSI2")["Items"]
    assert {frozenset(item) for item in index} == {frozenset({"outbox", "aggregate_id", "version"})}


def test_without_the_outbox_an_item_has_no_such_attribute(dynamodb: DynamoDBHarness) -> None:
    dynamodb.store.commit(two_streams())

    assert all("outbox" not in item for item in items_of(dynamodb))


def test_unmarking_takes_the_attribute_away_and_nothing_else(dynamodb: DynamoDBHarness) -> None:
    write(dynamodb.marking(), "s", events=3)
    before = items_of(dynamodb)
    for item in before:
        del item["outbox"]

    relay_everything(dynamodb.outbox())

    assert items_of(dynamodb) == before
    assert dynamodb.direct.scan(TableName=dynamodb.tables.events, IndexName="GSI2")["Items"] == []


def test_unmarking_makes_no_item_of_an_event_that_is_gone(dynamodb: DynamoDBHarness) -> None:
    write(dynamodb.marking(), "s")

    with dynamodb.outbox().turn(MANY) as turn:
        dynamodb.dig_hole("s", 1)
        turn.unmark(turn.runs[0])

    assert items_of(dynamodb) == []


@pytest.mark.parametrize(
    "make", [one_event, two_streams, lambda: commit_of(append("s", 0), claims=[Claim("key", "me")])]
)
def test_a_commit_costs_one_request_with_marks_too(dynamodb: DynamoDBHarness, make: Callable[[], Commit]) -> None:
    store = dynamodb.marking()
    commit = make()

    store.commit(commit)

    assert dynamodb.proxy.operations() == [
        "PutItem" if len(commit.appends) == 1 and not commit.claims else "TransactWriteItems"
    ]


class CountingClient:
    """A client that counts the items of streams that are read."""

    def __init__(self, dynamodb: DynamoDBHarness) -> None:
        """Stand before the real one."""
        self._client = dynamodb.direct
        self.read = 0

    def query(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3 has it
        """Pass it on, and count."""
        answer: dict[str, Any] = dict(self._client.query(**request))
        self.read += len(answer["Items"]) if "IndexName" not in request else 0
        return answer

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Pass everything else on."""
        return getattr(self._client, name)


class LaggingIndex:
    """A client whose sparse index names these keys whatever is marked by now."""

    def __init__(self, dynamodb: DynamoDBHarness, *names: tuple[str, int]) -> None:
        """Stand before the real one."""
        self._client = dynamodb.direct
        self.reads = 0
        self._names = [event_key(*name) for name in sorted(names)]

    def query(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3 has it
        """Name them from one partition of the index."""
        if "IndexName" not in request:
            self.reads += 1
            return dict(self._client.query(**request))
        values = request["ExpressionAttributeValues"]
        named = [each for each in self._names if each["aggregate_id"]["S"] > values.get(":after", {"S": ""})["S"]]
        return {"Items": named[: request["Limit"]] if values[":partition"]["S"] == "OUTBOX#03" else []}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Pass everything else on."""
        return getattr(self._client, name)


def test_what_the_index_still_names_is_not_relayed_again(dynamodb: DynamoDBHarness) -> None:
    fill(dynamodb.marking(), "s", 60)
    relay_everything(dynamodb.outbox())
    write(dynamodb.marking(), "t", events=2)
    lagging = LaggingIndex(dynamodb, ("s", 7), ("s", 60), ("gone", 1), ("t", 1))

    assert runs_of(dynamodb.outbox(lagging)) == {"t": [1, 2]}  # type: ignore[arg-type] # a client in all that is asked of it
    assert lagging.reads == 3  # one a stream, however long it is


def test_an_index_that_names_only_an_old_event_leads_to_the_new_ones(dynamodb: DynamoDBHarness) -> None:
    fill(dynamodb.marking(), "s", 45)

    assert runs_of(dynamodb.outbox(LaggingIndex(dynamodb, ("s", 2)))) == {"s": list(range(1, 11))}  # type: ignore[arg-type]


def test_what_is_marked_of_one_stream_is_read_a_few_times_however_much_it_is(dynamodb: DynamoDBHarness) -> None:
    fill(dynamodb.marking(), "s", 300)
    counting = CountingClient(dynamodb)

    relayed = relay_everything(dynamodb.outbox(counting))  # type: ignore[arg-type]

    assert relayed == [("s", version) for version in range(1, 301)]
    assert counting.read <= 4 * 300


def test_a_long_stream_that_cannot_be_published_is_not_walked_in_each_turn(dynamodb: DynamoDBHarness) -> None:
    fill(dynamodb.marking(), "s", 100)
    counting = CountingClient(dynamodb)
    outbox = dynamodb.outbox(counting)  # type: ignore[arg-type]

    assert [runs_of(outbox) for _ in range(5)] == [{"s": list(range(1, 11))}] * 5
    assert counting.read <= 200


def test_a_long_run_that_another_relay_goes_on_with_is_not_relayed_again(dynamodb: DynamoDBHarness) -> None:
    store, one, other = dynamodb.marking(), dynamodb.outbox(), dynamodb.outbox()
    fill(store, "s", 60)
    assert runs_of(one) == {"s": list(range(1, 11))}
    with other.turn(MANY) as turn:
        turn.unmark(turn.runs[0])
    with other.turn(MANY) as turn:
        turn.unmark(turn.runs[0][:5])
    assert runs_of(one) == {"s": list(range(16, 26))}

    relay_everything(other)
    write(store, "s", 60, events=2)

    assert runs_of(one) == {"s": [61, 62]}


def test_an_unmarking_whose_answer_is_lost_is_done_once_more(dynamodb: DynamoDBHarness) -> None:
    write(dynamodb.marking(), "s", events=2)
    dynamodb.proxy.on(("UpdateItem",), lose_answer, lose_request)

    assert relay_everything(dynamodb.outbox()) == [("s", 1), ("s", 2)]
    assert len(dynamodb.proxy.done) == 2
    assert runs_of(dynamodb.outbox()) == {}


def test_a_mark_that_cannot_be_taken_off_stays_with_those_after_it(dynamodb: DynamoDBHarness) -> None:
    write(dynamodb.marking(), "s", events=3)

    with dynamodb.outbox().turn(MANY) as turn:
        turn.unmark(turn.runs[0][:1])
        dynamodb.proxy.on(("UpdateItem",), *[lose_request] * FOREVER)
        with pytest.raises(StoreUnavailable):
            turn.unmark(turn.runs[0][1:])

    assert runs_of(dynamodb.outbox()) == {"s": [2, 3]}


@pytest.mark.kinesis
def test_a_mark_that_is_taken_off_rings_no_doorbell(kinesis: KinesisFeeds) -> None:
    kinds = list[str]()
    kinesis.proxy.damage.append(lambda record: kinds.append(record["eventName"]))
    write(kinesis.dynamodb.marking(), "s", events=2)
    feed = kinesis.calm_feed()
    first = feed.poll(MANY, 5.0)
    feed.acknowledge(first)

    relay_everything(kinesis.dynamodb.outbox())
    write(kinesis.dynamodb.marking(), "s", 2)
    second = list[Delivery]()

    def has_read_all() -> bool:
        second.extend(feed.poll(MANY, 0.2))
        return len(kinds) >= 5

    wait_until(has_read_all)

    assert sorted(rung(first)) == [("s", 1), ("s", 2)]
    assert set(rung(second)) == {("s", 3)}
    assert sorted(kinds) == ["INSERT"] * 3 + ["MODIFY"] * 2
