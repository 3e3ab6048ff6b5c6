"""What an outbox owes: what is committed is relayed, whatever happens in between."""

import pytest

from core.ports.commit import Claim
from core.ports.event_store import ClaimTaken, Conflict, EventStore, StoreUnavailable
from core.ports.events import RecordedEvent
from core.ports.outbox import LONGEST_RUN, Outbox
from tests.contract.conftest import marked
from tests.contract.harness import EventStoreHarness
from tests.support.commits import AT, adding, append, commit_of, fill, stock_added

MANY = 100


@pytest.fixture
def store(harness: EventStoreHarness) -> EventStore:
    """Give the store, opened to mark."""
    return harness.marking()


@pytest.fixture
def outbox(harness: EventStoreHarness) -> Outbox:
    """Give one relay's view of the marks."""
    return harness.outbox()


def write(store: EventStore, stream: str, at_version: int = 0, events: int = 1) -> None:
    """Append events to one stream."""
    store.commit(adding(*[stock_added()] * events, to=stream, at_version=at_version))


def runs_of(outbox: Outbox, limit: int = MANY) -> dict[str, list[int]]:
    """Give the versions of each run of a turn in which nothing is unmarked."""
    with outbox.turn(limit) as turn:
        return {run[0].stream: [event.version for event in run] for run in turn.runs}


def relayed_by(outbox: Outbox, limit: int = MANY) -> list[RecordedEvent]:
    """Give the events of a turn, unmarked."""
    with outbox.turn(limit) as turn:
        events = [event for run in turn.runs for event in run]
        turn.unmark(events)
    return events


def relay_everything(outbox: Outbox) -> list[tuple[str, int]]:
    """Give stream and version of all events, in the order in which they are relayed."""
    places = []
    while events := relayed_by(outbox):
        places += [(event.stream, event.version) for event in events]
    return places


def test_marks_are_written_with_their_commit(store: EventStore, outbox: Outbox) -> None:
    store.commit(commit_of(append("s", 0, stock_added(), stock_added()), append("t", 0)))

    with outbox.turn(MANY) as turn:
        runs = sorted([list(run) for run in turn.runs])

    assert runs == [list(store.read("s")), list(store.read("t"))]
    assert outbox.pending() == 3


def test_a_commit_that_is_refused_marks_nothing(store: EventStore, outbox: Outbox) -> None:
    store.commit(commit_of(append("s", 0), claims=[Claim("key", "me")]))
    relay_everything(outbox)

    with pytest.raises(Conflict):
        store.commit(commit_of(append("new", 0), append("s", 0)))
    with pytest.raises(ClaimTaken):
        store.commit(commit_of(append("new", 0), claims=[Claim("key", "you")]))

    assert runs_of(outbox) == {}


def test_a_commit_whose_answers_are_lost_is_marked_once(
    harness: EventStoreHarness, store: EventStore, outbox: Outbox
) -> None:
    relayed = list[tuple[str, int]]()
    harness.lose_answers(2, meanwhile=lambda: relayed.extend(relay_everything(outbox)))

    store.commit(commit_of(append("s", 0), append("t", 0)))

    assert harness.lost() == 2
    assert sorted(relayed) == [("s", 1), ("t", 1)]
    assert runs_of(outbox) == {}


def test_a_store_opened_without_the_outbox_marks_nothing(harness: EventStoreHarness, outbox: Outbox) -> None:
    write(harness.store, "s")

    assert runs_of(outbox) == {}
    assert outbox.pending() == 0


def test_a_run_is_the_oldest_part_of_what_is_marked(store: EventStore, outbox: Outbox) -> None:
    fill(store, "s", 2 * LONGEST_RUN + 5)

    relayed = [[event.version for event in relayed_by(outbox)] for _ in range(4)]

    assert relayed == [list(range(1, 11)), list(range(11, 21)), list(range(21, 26)), []]


def test_a_run_reaches_back_to_the_first_unmarked_event(
    harness: EventStoreHarness, store: EventStore, outbox: Outbox
) -> None:
    write(store, "s", events=2)
    write(harness.store, "s", 2)
    write(store, "s", 3, events=12)
    write(harness.store, "s", 15)

    assert runs_of(outbox) == {"s": list(range(4, 14))}
    assert relay_everything(outbox) == [("s", version) for version in [*range(4, 16), 1, 2]]


def test_what_is_unmarked_is_not_relayed_again(store: EventStore, outbox: Outbox) -> None:
    write(store, "s", events=3)
    with outbox.turn(MANY) as turn:
        (run,) = turn.runs
        turn.unmark(run[:2])

    assert runs_of(outbox) == {"s": [3]}
    assert outbox.pending() == 1


def test_unmarking_twice_is_harmless(store: EventStore, outbox: Outbox) -> None:
    write(store, "s", events=3)
    with outbox.turn(MANY) as turn:
        (run,) = turn.runs
        turn.unmark(run[:2])
        turn.unmark(run[:2])
    with outbox.turn(MANY) as turn:
        turn.unmark(run[:2])

    assert runs_of(outbox) == {"s": [3]}


def test_events_look_the_same_when_their_marks_are_off(store: EventStore, outbox: Outbox) -> None:
    write(store, "s", events=2)
    before = list(store.read("s"))

    relay_everything(outbox)

    assert list(store.read("s")) == before


def test_nothing_is_passed_over_although_commits_come_meanwhile(store: EventStore, outbox: Outbox) -> None:
    write(store, "s")
    with outbox.turn(MANY) as turn:
        write(store, "s", 1)
        write(store, "t")
        turn.unmark([event for run in turn.runs for event in run])
        write(store, "s", 2)

    assert sorted(relay_everything(outbox)) == [("s", 2), ("s", 3), ("t", 1)]


def test_a_turn_that_ends_with_an_error_takes_nothing_away(store: EventStore, outbox: Outbox) -> None:
    write(store, "s")

    with pytest.raises(ZeroDivisionError), outbox.turn(MANY):
        raise ZeroDivisionError

    assert runs_of(outbox) == {"s": [1]}


def test_while_others_are_left_the_next_turn_takes_them(store: EventStore, outbox: Outbox) -> None:
    streams = {f"s-{number}" for number in range(7)}
    for stream in streams:
        write(store, stream, events=12)

    turns = [runs_of(outbox, limit=3) for _ in range(3)]

    assert [len(turn) for turn in turns[:2]] == [3, 3]
    assert {stream for turn in turns for stream in turn} == streams


def test_streams_that_can_never_be_published_do_not_starve_others(store: EventStore, outbox: Outbox) -> None:
    stuck = {f"stuck-{number}" for number in range(4)}
    for stream in stuck:
        write(store, stream)
    relayed = 0
    for version in range(3):
        write(store, "a", version)
        write(store, "z", version)
        for _ in range(5):
            with outbox.turn(2) as turn:
                passed = [event for run in turn.runs for event in run if event.stream not in stuck]
                turn.unmark(passed)
            relayed += len(passed)
        assert relayed == 2 * (version + 1)

    assert set(runs_of(outbox)) == stuck


def test_two_relays_never_skip(harness: EventStoreHarness, store: EventStore) -> None:
    one, other = harness.outbox(), harness.outbox()
    write(store, "s", events=3)
    write(store, "t")
    seen = []
    with one.turn(MANY) as first:
        write(store, "s", 3)
        seen += relayed_by(other)
        write(store, "s", 4)
        events = [event for run in first.runs for event in run]
        first.unmark(events)
        seen += events
    seen += relayed_by(one)

    assert {(event.stream, event.version) for event in seen} == {("t", 1), *(("s", version) for version in range(1, 6))}
    assert runs_of(other) == {}


def test_the_oldest_mark_is_told(store: EventStore, outbox: Outbox) -> None:
    assert outbox.oldest() is None
    for hour, stream in ((5, "s"), (3, "t"), (4, "u")):
        store.commit(commit_of(append(stream, 0), append(f"{stream}-2", 0), created_at=AT.replace(hour=hour)))

    assert outbox.oldest() == AT.replace(hour=3)
    relay_everything(outbox)
    assert outbox.oldest() is None


@pytest.mark.parametrize("harness", marked(("moto", "ministack", "postgres", "postgres-system")), indirect=True)
def test_an_outbox_that_nobody_listens_for_is_unavailable(harness: EventStoreHarness) -> None:
    outbox = harness.unreachable_outbox()

    with pytest.raises(StoreUnavailable), outbox.turn(MANY):
        pytest.fail("there was a turn")
    with pytest.raises(StoreUnavailable):
        outbox.pending()
    with pytest.raises(StoreUnavailable):
        outbox.oldest()
