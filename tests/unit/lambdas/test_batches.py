"""Partial batch responses: what is away makes records come again, what is wrong with a record does not."""

import json
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from adapters.kinesis.records import decode
from config.lambdas import Projecting
from core.ports.projection_store import ProjectionUnavailable
from entrypoints.lambdas.batches import CHUNK, RESERVE, TRIES, Batches
from tests.support.lambda_events import Invocation, Record, batch, change, failed_from, sequence
from tests.unit.delivery.poisons import Poison, parked_at, poisoned
from tests.unit.delivery.scene import CODEC, Crash, Scene, crash


@pytest.fixture
def scene() -> Scene:
    """Give a consumer on empty stores."""
    return Scene()


def invoke(scene: Scene, changes: Sequence[Record | bytes], context: Invocation | None = None) -> str | None:
    """Hand a batch in; give the sequence number from which on it comes again."""
    environment = replace(scene.environment, sleep=lambda _: None)
    read = lambda data, position: decode(data, "events", CODEC, position)  # noqa: E731 - a part, as it is wired
    batches = Batches(Projecting("read-models", scene.consumer, read, environment))
    return failed_from(batches.handle(batch(changes), context or Invocation()))


def changes_of(scene: Scene, stream: str) -> list[Record]:
    """Give the change records of a stream, in order."""
    return [change(event) for event in scene.memory.read(stream)]


def test_a_batch_is_applied_and_nothing_comes_again(scene: Scene) -> None:
    scene.fill("s", 3)
    scene.fill("t", 2)

    assert invoke(scene, changes_of(scene, "s") + changes_of(scene, "t")) is None

    assert (scene.total("s"), scene.total("t")) == (111, 11)
    assert scene.store.reads == []


def test_an_empty_batch_is_dealt_with(scene: Scene) -> None:
    assert invoke(scene, []) is None


@poisoned
@pytest.mark.parametrize("place", [0, 4, 9], ids=["first", "middle", "last"])
def test_a_poison_record_is_parked_and_never_answered_as_failed(scene: Scene, poison: Poison, place: int) -> None:
    streams = [f"s-{number}" for number in range(10)]
    for stream in streams:
        scene.fill(stream, 1)
    poison(scene, streams[place], 1)

    assert invoke(scene, [each for stream in streams for each in changes_of(scene, stream)]) is None

    assert parked_at(scene, streams[place], 1, attempts=1, newest=1)
    assert [scene.total(stream) for stream in streams if stream != streams[place]] == [1] * 9


@pytest.mark.parametrize(
    "garbage", [b"", b"\xff", b"null", b"{}", b'{"eventName": "INSERT", "dynamodb": {}, "tableName": "events"}']
)
def test_a_record_that_nobody_can_read_is_noted_and_the_others_are_applied(scene: Scene, garbage: bytes) -> None:
    scene.fill("s", 2)
    first, second = changes_of(scene, "s")

    assert invoke(scene, [first, garbage, second]) is None

    assert scene.total("s") == 11
    ((position, reason),) = scene.projections.unreadable_records()
    assert position == f"shardId-000000000000:{sequence(1)}"
    assert reason


def test_data_that_is_not_in_base64_is_noted_like_any_record_that_nobody_can_read(scene: Scene) -> None:
    event = batch([b"x"])
    event["Records"][0]["kinesis"]["data"] = "*"
    parts = Projecting(
        "read-models", scene.consumer, lambda data, position: decode(data, "events", CODEC, position), scene.environment
    )

    assert failed_from(Batches(parts).handle(event, Invocation())) is None
    assert len(scene.projections.unreadable_records()) == 1


@pytest.mark.parametrize(
    "records", [[{}], [None], [{"eventID": "1", "kinesis": {"data": "e30="}}], [{"eventSource": "aws:sqs"}]]
)
def test_what_no_kinesis_stream_hands_in_is_refused_as_a_whole(scene: Scene, records: list[Any]) -> None:
    parts = Projecting("read-models", scene.consumer, lambda _data, _position: None, scene.environment)

    with pytest.raises(ValueError, match="Kinesis"):
        Batches(parts).handle({"Records": records}, Invocation())


def test_a_record_of_a_foreign_table_and_one_of_a_later_change_are_passed_over(scene: Scene) -> None:
    scene.fill("s", 1)
    (event,) = scene.memory.read("s")

    assert invoke(scene, [change(event, table="other"), change(event, eventName="MODIFY")]) is None

    assert scene.version("s") == 0
    assert scene.counts() == {}


def test_a_batch_that_comes_twice_is_applied_once(scene: Scene) -> None:
    scene.fill("s", 3)
    changes = changes_of(scene, "s")

    assert invoke(scene, changes) is None
    assert invoke(scene, changes) is None

    assert scene.total("s") == 111
    assert scene.counts() == {"applied": 3, "duplicate": 3}


@pytest.mark.parametrize("seed", range(20))
def test_a_batch_in_any_order_leads_to_the_same_rows(scene: Scene, seed: int) -> None:
    scene.fill("s", 4)
    scene.fill("t", 3)
    changes = changes_of(scene, "s") + changes_of(scene, "t")
    Random(seed).shuffle(changes)

    assert invoke(scene, changes) is None

    assert (scene.total("s"), scene.total("t")) == (1111, 111)


def big_batch(scene: Scene, count: int) -> list[Record]:
    """Give so many records, each of a stream of its own."""
    for number in range(count):
        scene.fill(f"s-{number:05}", 1)
    return [each for number in range(count) for each in changes_of(scene, f"s-{number:05}")]


def applied(scene: Scene, changes: Sequence[Record]) -> list[bool]:
    """Tell of each record whether it was applied."""
    return [scene.version(each["dynamodb"]["Keys"]["aggregate_id"]["S"]) == 1 for each in changes]


def test_where_the_database_goes_away_in_the_middle_the_rest_comes_again_from_the_first_that_was_not_saved(
    scene: Scene,
) -> None:
    changes = big_batch(scene, 3 * CHUNK)
    scene.projections.batches_left = 1

    assert invoke(scene, changes) == sequence(CHUNK)

    scene.projections.batches_left = None
    assert applied(scene, changes) == [True] * CHUNK + [False] * 2 * CHUNK
    assert invoke(scene, changes[CHUNK:]) is None
    assert all(applied(scene, changes))
    assert scene.counts() == {"applied": 3 * CHUNK}


def test_where_the_event_store_is_away_a_gap_comes_again_and_nothing_is_parked(scene: Scene) -> None:
    scene.fill("s", 3)
    scene.store.fails_after = 0

    assert invoke(scene, changes_of(scene, "s")[2:]) == sequence(0)
    assert scene.parked("s") is None

    scene.store.fails_after = None
    assert invoke(scene, changes_of(scene, "s")[2:]) is None
    assert scene.total("s") == 111


def test_a_connection_that_died_while_the_function_was_frozen_costs_no_invocation(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.fill("s", 1)
    handle, away = scene.consumer.handle, [ProjectionUnavailable("the connection was closed")] * (TRIES - 1)

    def frozen(*arguments: Any) -> None:  # noqa: ANN401 - passed on as they are
        if away:
            raise away.pop()
        handle(*arguments)

    monkeypatch.setattr(scene.consumer, "handle", frozen)

    assert invoke(scene, changes_of(scene, "s")) is None
    assert scene.total("s") == 1


def test_a_fault_of_the_code_itself_fails_the_invocation(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.fill("s", 1)
    monkeypatch.setattr(scene.consumer, "handle", lambda _: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        invoke(scene, changes_of(scene, "s"))


def test_when_time_is_short_what_is_left_comes_again(scene: Scene) -> None:
    changes = big_batch(scene, 3 * CHUNK)

    assert invoke(scene, changes, Invocation(60_000, RESERVE + 1, RESERVE)) == sequence(2 * CHUNK)
    assert applied(scene, changes) == [True] * 2 * CHUNK + [False] * CHUNK


def test_however_short_time_is_an_invocation_gets_on(scene: Scene) -> None:
    changes = big_batch(scene, CHUNK + 1)

    assert invoke(scene, changes, Invocation(1)) == sequence(CHUNK)
    assert applied(scene, changes) == [True] * CHUNK + [False]


def test_a_crash_after_the_rows_are_saved_repeats_the_batch_and_changes_nothing(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.failpoints.armed["consumer.before_checkpoint"] = [crash]

    with pytest.raises(Crash):
        invoke(scene, changes_of(scene, "s"))
    assert invoke(scene, changes_of(scene, "s")) is None

    assert scene.total("s") == 11


def test_what_a_batch_did_is_told_as_metrics(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.fill("s", 3)
    scene.fill("bad", 1)
    scene.fold.bugs.add(("bad", 1))

    invoke(scene, [*changes_of(scene, "s")[1:], *changes_of(scene, "bad"), b"garbage"])

    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    told = {name: line[name] for name in ("Projector", "BatchSize", "Healed", "Parked", "Unreadable")}
    assert told == {"Projector": "read-models", "BatchSize": 4, "Healed": 1, "Parked": 1, "Unreadable": 1}
    assert line["LagSeconds"] > 0
    assert line["DurationMs"] > 0
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("ECShop", [["Projector"]])
    assert {metric["Name"] for metric in directive["Metrics"]} == line.keys() - {"_aws", "Projector"}
