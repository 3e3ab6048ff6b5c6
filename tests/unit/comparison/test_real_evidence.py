"""From what processes noted before they were killed to the evidence of a run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from core.ports.event_feed import Doorbell, EventFeed
from core.ports.events import Metadata, RecordedEvent
from entrypoints.comparison.oracle import judge
from entrypoints.comparison.real.damage import Counted, Troubles
from entrypoints.comparison.real.gather import CONDUCTOR, fired, gather
from entrypoints.comparison.real.job import CLEAN_UP, LEFT, Job
from entrypoints.comparison.real.journal import Journal, noted
from entrypoints.comparison.real.noted_feed import NotedFeed

BEGAN = 1000.0


def event(stream: str, version: int, event_id: str) -> dict[str, Any]:
    data = {"product_id": "tea", "quantity": 1}
    return {"stream": stream, "version": version, "id": event_id, "type": "StockAdded", "data": data}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder in which a clean-up has found two events in the store."""
    left = {
        "events": [event("s", 1, "e1"), event("s", 2, "e2")],
        "rows": {},
        "folded": {"read-models": {"s": ["e1", "e2"]}, "notifier": {}},
        "seen": {"e1": BEGAN + 3.0},
        "differences": 0,
    }
    (tmp_path / LEFT).write_text(json.dumps(left))
    return tmp_path


def recorded(number: int) -> RecordedEvent:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    return RecordedEvent(f"e{number}", "s", number, "Inventory", "StockAdded", 1, b"{}", now, "c", Metadata())


def note(folder: Path, name: str, *notes: tuple[object, ...]) -> None:
    journal = Journal(folder, name)
    for kind, *values in notes:
        journal.note(str(kind), *values)
    journal.close()


def test_a_later_life_goes_on_with_the_notes_of_the_first(tmp_path: Path) -> None:
    note(tmp_path, "relay", ("fired", "publish.after"), ("request", "outbox.turn"))
    note(tmp_path, "relay", ("fired", "publish.before"))

    assert list(noted(tmp_path, "relay", "fired")) == [["publish.after"], ["publish.before"]]
    assert list(noted(tmp_path, "nobody", "fired")) == []


def test_success_is_of_the_commit_that_the_client_was_told_of(folder: Path) -> None:
    note(
        folder,
        "api-0",
        ("commit", "api-0 1", [["s", 1]], ["lost"], 2),
        ("commit", "api-0 1", [["s", 1]], ["e1"], 2),
        ("commit", "api-0 1", [["s", 2]], ["other"], 2),
    )
    note(folder, CONDUCTOR, ("told", "api-0 1", [["s", 1]]))

    evidence = gather(folder, BEGAN, BEGAN + 9, [])

    assert evidence.told == [["e1"]]
    assert evidence.commits == [["lost"], ["e1"], ["other"]]
    assert list(evidence.committed_at) == ["lost", "e1", "other"]
    assert (evidence.visible_at, evidence.faults_ended_at) == ({"e1": 3.0}, 9.0)


def test_a_commit_that_was_refused_is_nothing_that_a_client_was_told_of(folder: Path) -> None:
    note(folder, "api-0", ("commit", "api-0 1", [["s", 1]], ["lost"], 1), ("not stored", ["lost"]))
    note(folder, CONDUCTOR, ("told", "api-0 1", [["s", 1]]))

    assert gather(folder, BEGAN, BEGAN, []).told == []


def test_what_was_told_as_done_must_be_in_the_store(folder: Path) -> None:
    note(folder, CONDUCTOR, ("told", "api-0 1", []), ("done", "OrderPlaced", "order-1"))

    evidence = gather(folder, BEGAN, BEGAN, [])

    assert evidence.done == [("OrderPlaced", "order-1")]
    assert judge(evidence)["broken_promises"] == 1


def test_two_commits_of_one_command_are_seen_and_one_that_was_tried_twice_is_one(folder: Path) -> None:
    first, again = ("commit", "api-0 1", [["s", 1]], ["e1"], 1), ("commit", "api-0 1", [["s", 2]], ["e2"], 1)
    note(folder, "api-0", first, first)
    assert judge(gather(folder, BEGAN, BEGAN, []))["done_twice"] == 0

    note(folder, "api-0", again)
    assert judge(gather(folder, BEGAN, BEGAN, []))["done_twice"] == 1


def test_an_event_that_was_announced_and_not_folded_is_lost_though_announced(folder: Path) -> None:
    note(folder, "notifier", ("handed", "notifier", "s", 2, "e2"), ("announced", "notifier", "s", 2, "e2"))
    assert judge(gather(folder, BEGAN, BEGAN, []))["lost_though_announced"] == 1

    note(folder, "notifier", ("excused", "notifier", "s", 2, "e2"))
    assert judge(gather(folder, BEGAN, BEGAN, []))["lost_though_announced"] == 0


def test_what_the_clean_up_asks_for_no_command_has_caused(folder: Path) -> None:
    note(folder, "api-0", ("request", "store.read"))
    note(folder, CLEAN_UP, ("request", "store.read"), ("request", "store.heads"))

    assert gather(folder, BEGAN, BEGAN, []).requests == {"store.read": 1}


def test_what_a_turn_of_the_outbox_takes_is_noted_too(tmp_path: Path) -> None:
    class Outbox:
        @contextmanager
        def turn(self, limit: int) -> Iterator["Outbox"]:
            assert limit == 1
            yield self

        def unmark(self) -> None:
            pass

    outbox = Counted("outbox", Outbox(), Journal(tmp_path, "relay"))
    with outbox.turn(1) as turn:
        turn.unmark()

    assert list(noted(tmp_path, "relay", "request")) == [["outbox.turn"], ["outbox.turn.unmark"]]


def test_a_record_whose_keys_cannot_be_read_announces_nothing(tmp_path: Path) -> None:
    class Feed:
        def poll(self, _limit: int, _timeout: float) -> list[Doorbell]:
            return [Doorbell("s", number, recorded(number), str(number)) for number in range(1, 41)]

    journal = Journal(tmp_path, "notifier")
    troubles = Troubles(
        Job("notifier", "cdc", "doorbell", "kinesis", 1, str(tmp_path), {"record.poison": 1.0}), journal
    )
    given = NotedFeed("notifier", cast("EventFeed", Feed()), journal, troubles).poll(100)

    announced = [version for _who, _stream, version, _id in noted(tmp_path, "notifier", "announced")]
    assert announced == [each.version for each in given if isinstance(each, Doorbell)]
    assert 0 < len(announced) < len(list(noted(tmp_path, "notifier", "handed"))) == 40


def test_an_error_is_of_everything_that_was_tried_and_a_cut_line_is_no_answer(folder: Path) -> None:
    note(
        folder,
        "api-0",
        ("commit", "api-0 1", [["s", 1]], ["e1"], 1),
        ("commit", "api-0 1", [["s", 2]], ["e2"], 1),
        ("commit", "api-0 2", [["s", 3]], ["e3"], 1),
    )
    note(folder, CONDUCTOR, ("refused", "api-0 1", "PublishFailed"), ("cut", "api-0 2"))

    evidence = gather(folder, BEGAN, BEGAN, [])

    assert (evidence.told, evidence.refused, evidence.commands) == ([], [["e1", "e2"]], 2)


def test_deliveries_of_the_clean_up_are_the_last_and_one_without_an_image_is_told_by_its_place(folder: Path) -> None:
    note(folder, CLEAN_UP, ("handed", "read-models", "s", 1, "e1"))
    note(folder, "read-models", ("handed", "read-models", "s", 2, ""), ("excused", "read-models", "s", 1, "e1"))
    note(folder, CONDUCTOR, ("excused", "notifier", "s", 2, "e2"))

    evidence = gather(folder, BEGAN, BEGAN, [])

    assert evidence.handed == {"read-models": [("s", 2, "e2"), ("s", 1, "e1")], "notifier": []}
    assert evidence.excused == {"read-models": {"e1"}, "notifier": {"e2"}}


def test_an_event_that_is_struck_in_each_life_is_struck_once(folder: Path) -> None:
    note(folder, "notifier", ("struck", "fold.bug", "e1"), ("fired", "consumer.before_effect"))
    note(folder, "notifier", ("struck", "fold.bug", "e1"), ("fired", "consumer.before_effect"))

    assert fired(folder) == {"fold.bug": 1, "consumer.before_effect": 2}


def test_each_life_of_a_process_has_faults_of_its_own_and_the_same_ones_again() -> None:
    def struck(life: int, name: str = "api-0") -> list[bool]:
        faults = Job(name, "cdc", "doorbell", "kinesis", 1, "", {"write.after": 0.5}, life).faults()
        return [faults.strikes("write.after") for _ in range(40)]

    assert struck(0) == struck(0)
    assert struck(0) != struck(1)
    assert struck(0) != struck(0, "api-1")
