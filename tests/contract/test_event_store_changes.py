"""Which streams went on lately, and what is at a place: what an event store owes to who looks for changes that a feed has lost."""

from datetime import timedelta

from core.ports.commit import Check
from core.ports.event_store import EventStore
from tests.contract.harness import EventStoreHarness
from tests.support.commits import AT, adding, append, commit_of, fill, stock_added

LATER = AT + timedelta(seconds=1)


def test_a_stream_with_an_event_of_that_time_or_later_is_named_once(store: EventStore) -> None:
    store.commit(commit_of(append("old", 0), append("both", 0)))
    store.commit(commit_of(append("both", 1, stock_added(), stock_added()), append("new", 0), created_at=LATER))

    assert sorted(store.changed_since(LATER)) == ["both", "new"]
    assert sorted(store.changed_since(LATER - timedelta(microseconds=1))) == ["both", "new"]
    assert sorted(store.changed_since(AT)) == ["both", "new", "old"]
    assert list(store.changed_since(LATER + timedelta(microseconds=1))) == []


def test_a_stream_that_was_only_checked_has_not_changed(store: EventStore) -> None:
    store.commit(commit_of(append("s", 0), checks=[Check("checked", 0)]))

    assert list(store.changed_since(AT)) == ["s"]
    assert [head.stream for head in store.heads()] == ["s"]


def test_times_that_do_not_grow_hide_nothing(store: EventStore) -> None:
    store.commit(commit_of(append("ahead", 0), created_at=LATER))
    store.commit(adding(stock_added(), to="behind", at_version=0))

    assert list(store.changed_since(LATER)) == ["ahead"]


def test_a_great_many_streams_are_all_named(store: EventStore) -> None:
    names = [f"s-{number:04}" for number in range(1_100)]
    for start in range(0, 1_100, 90):
        store.commit(commit_of(*(append(name, 0) for name in names[start : start + 90])))

    assert sorted(store.changed_since(AT)) == names


def test_changes_are_seen_by_another_client(harness: EventStoreHarness) -> None:
    harness.store.commit(commit_of(append("s", 0)))

    assert list(harness.another().changed_since(AT)) == ["s"]


def test_the_ids_of_events_are_looked_up_by_their_places(store: EventStore) -> None:
    fill(store, "s", 3)
    fill(store, "t", 1)
    ids = {(event.stream, event.version): event.id for event in store.replay()}

    assert store.event_ids([("s", 1), ("s", 3), ("t", 1)]) == {
        place: ids[place] for place in (("s", 1), ("s", 3), ("t", 1))
    }


def test_a_place_where_nothing_is_has_no_id(store: EventStore) -> None:
    fill(store, "s", 1)

    assert store.event_ids([("s", 2), ("nobody", 1), ("s", 0)]) == {}
    assert store.event_ids([]) == {}


def test_a_great_many_places_are_all_looked_up(store: EventStore) -> None:
    fill(store, "s", 270)

    ids = store.event_ids({("s", version) for version in range(1, 400)})

    assert ids == {("s", event.version): event.id for event in store.read("s")}
