"""What every event store owes, as `core.ports.event_store` says it: what was committed is read back, whole and in order."""

import re
from dataclasses import replace

import pytest

from core.domain.inventory import StockAdded
from core.domain.order import OrderPlaced
from core.domain.product import ProductCreated
from core.ports.commit import Position
from core.ports.event_store import EventStore, StreamDamaged
from core.ports.events import Metadata
from tests.contract.harness import EventStoreHarness
from tests.support.commits import AT, adding, append, commit_of, fill, stock_added, versions


def test_an_event_is_read_back_as_it_was_committed(store: EventStore) -> None:
    created = ProductCreated("p-1", "煎茶 <Sencha>", 'so "green"\n', 1_200, 3, AT)
    commit = adding(created, to="p-1", at_version=0)

    committed = store.commit(commit)

    assert committed.commit_id == commit.id
    assert committed.positions == (Position("p-1", 1),)
    (event,) = store.read("p-1")
    assert (event.stream, event.version, event.aggregate_type, event.type) == ("p-1", 1, "Product", "ProductCreated")
    assert (event.id, event.commit_id, event.schema_version) == (commit.appends[0].events[0].id, commit.id, 1)
    assert event.created_at == AT
    assert event.metadata == replace(commit.metadata, email="")  # an e-mail stays beside its order, as below
    assert b'"created_at":"2026-01-02T03:04:05.678901Z"' in event.data
    assert "煎茶".encode() in event.data


def test_the_email_of_a_commit_is_kept_beside_its_order_and_nothing_else(store: EventStore) -> None:
    placed = OrderPlaced("o-1", "guest-1", (), 0, AT)
    asked = Metadata("a-request", command="PlaceOrder", locale="ja", email="mai@例え.jp")
    commit = commit_of(append("inventory-tea", 0), append("o-1", 0, placed), append("inventory-cup", 0))

    store.commit(replace(commit, metadata=asked))

    found = {stream: next(store.read(stream)).metadata for stream in ("o-1", "inventory-tea", "inventory-cup")}
    others = replace(asked, email="")
    assert found == {"o-1": asked, "inventory-tea": others, "inventory-cup": others}


def test_times_are_written_with_six_digits_even_where_the_fraction_is_zero(store: EventStore) -> None:
    whole = AT.replace(microsecond=0)
    store.commit(commit_of(append("s", 0, StockAdded("tea", 1, whole)), created_at=whole))

    (event,) = store.read("s")

    assert event.created_at == whole
    assert re.search(rb'"added_at":"2026-01-02T03:04:05\.000000Z"', event.data)


def test_versions_run_from_one_without_holes_over_several_commits(store: EventStore) -> None:
    store.commit(adding(stock_added(), stock_added(), to="s", at_version=0))
    store.commit(adding(stock_added(), to="s", at_version=2))

    assert versions(store, "s") == [1, 2, 3]


def test_reading_starts_at_the_version_asked_for_and_includes_it(store: EventStore) -> None:
    fill(store, "s", 5)

    assert versions(store, "s", from_version=3) == [3, 4, 5]
    assert versions(store, "s", from_version=5) == [5]
    assert versions(store, "s", from_version=6) == []


def test_an_unknown_stream_is_empty(store: EventStore) -> None:
    assert versions(store, "nobody") == []


def test_a_long_stream_is_read_whole_and_in_order(store: EventStore) -> None:
    fill(store, "s", 450)

    assert versions(store, "s") == list(range(1, 451))


def test_a_stream_of_several_megabytes_is_read_whole(store: EventStore) -> None:
    heavy = "茶" * 5_000
    for version in range(0, 200, 50):
        store.commit(adding(*[ProductCreated("p", "n", heavy, 1, 1, AT)] * 50, to="s", at_version=version))

    assert versions(store, "s") == list(range(1, 201))


def test_many_streams_are_written_together(store: EventStore) -> None:
    committed = store.commit(
        commit_of(*(append(f"s-{number}", 0, stock_added(), stock_added()) for number in range(31)))
    )

    assert len(committed.positions) == 31
    assert all(versions(store, f"s-{number}") == [1, 2] for number in range(31))


def test_replay_gives_every_event_in_version_order_within_a_stream(store: EventStore) -> None:
    for number in range(20):
        fill(store, f"s-{number}", number + 1)

    seen: dict[str, list[int]] = {}
    for event in store.replay():
        seen.setdefault(event.stream, []).append(event.version)

    assert seen == {f"s-{number}": list(range(1, number + 2)) for number in range(20)}


def test_the_segments_of_a_replay_give_everything_and_split_no_stream(store: EventStore) -> None:
    for number in range(30):
        fill(store, f"s-{number}", 3)

    segments = [[(event.stream, event.version) for event in store.replay(segment, 4)] for segment in range(4)]

    streams = [{stream for stream, _ in segment} for segment in segments]
    assert sum(len(names) for names in streams) == 30
    assert sorted(pair for segment in segments for pair in segment) == sorted(
        (f"s-{n}", v) for n in range(30) for v in (1, 2, 3)
    )


def test_replay_gives_back_what_a_read_gives(store: EventStore) -> None:
    fill(store, "s", 3)

    assert list(store.replay()) == list(store.read("s"))


def test_heads_name_the_newest_event_of_every_stream(store: EventStore) -> None:
    fill(store, "a", 3)
    fill(store, "b", 1)

    heads = {head.stream: (head.version, head.event_id) for segment in range(3) for head in store.heads(segment, 3)}

    assert heads == {stream: (version, list(store.read(stream))[-1].id) for stream, version in (("a", 3), ("b", 1))}


@pytest.mark.parametrize("hole", [1, 3])
def test_a_hole_is_reported_and_never_read_over(harness: EventStoreHarness, hole: int) -> None:
    fill(harness.store, "s", 5)
    harness.dig_hole("s", hole)

    with pytest.raises(StreamDamaged) as damaged:
        versions(harness.store, "s")

    assert (damaged.value.stream, damaged.value.version) == ("s", hole)


def test_a_hole_at_the_version_where_reading_starts_is_reported(harness: EventStoreHarness) -> None:
    fill(harness.store, "s", 5)
    harness.dig_hole("s", 3)

    with pytest.raises(StreamDamaged):
        versions(harness.store, "s", from_version=3)


def test_replay_reports_a_hole(harness: EventStoreHarness) -> None:
    fill(harness.store, "s", 5)
    harness.dig_hole("s", 2)

    with pytest.raises(StreamDamaged):
        list(harness.store.replay())


def test_a_store_names_its_life_the_same_each_time(harness: EventStoreHarness) -> None:
    name = harness.store.incarnation()

    fill(harness.store, "s", 1)

    assert name
    assert harness.store.incarnation() == harness.another().incarnation() == name


def test_two_stores_have_different_lives(harness: EventStoreHarness, another_harness: EventStoreHarness) -> None:
    assert harness.store.incarnation() != another_harness.store.incarnation()


def test_another_client_sees_a_commit_at_once(harness: EventStoreHarness) -> None:
    another = harness.another()
    for number in range(5):
        harness.store.commit(adding(stock_added(), to="s", at_version=number))

        assert len(versions(another, "s")) == number + 1
        assert {head.version for head in another.heads()} == {number + 1}
