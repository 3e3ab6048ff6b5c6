"""What every event store owes, as `core.ports.event_store` says it."""

import re
from datetime import timedelta

import pytest

from core.domain.inventory import StockAdded
from core.domain.product import ProductCreated
from core.ports.commit import MAX_EVENT_BYTES, Check, Claim, Commit, Position, Release
from core.ports.event_store import ClaimTaken, CommitTooLarge, Conflict, EventStore, StreamDamaged
from core.ports.events import Metadata
from tests.contract.harness import EventStoreHarness
from tests.support.commits import AT, adding, append, commit_of, fill, new_id, stock_added, versions


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
    assert event.metadata == commit.metadata
    assert b'"created_at":"2026-01-02T03:04:05.678901Z"' in event.data
    assert "煎茶".encode() in event.data


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


def test_a_stale_decision_is_rejected(store: EventStore) -> None:
    store.commit(adding(stock_added(1), to="s", at_version=0))

    with pytest.raises(Conflict):
        store.commit(adding(stock_added(2), stock_added(3), to="s", at_version=0))

    assert versions(store, "s") == [1]


def test_a_stale_decision_on_any_stream_of_a_commit_writes_nothing(store: EventStore) -> None:
    fill(store, "b", 1)

    with pytest.raises(Conflict):
        store.commit(commit_of(append("a", 0), append("b", 0), append("c", 0)))

    assert [versions(store, stream) for stream in "abc"] == [[], [1], []]


def test_a_version_ahead_of_the_head_is_rejected(store: EventStore) -> None:
    fill(store, "s", 2)

    with pytest.raises(Conflict):
        store.commit(adding(stock_added(), to="s", at_version=3))


def test_a_version_ahead_of_the_head_of_a_second_stream_is_rejected(store: EventStore) -> None:
    with pytest.raises(Conflict):
        store.commit(commit_of(append("a", 0), append("b", 7)))


def test_many_streams_are_written_together(store: EventStore) -> None:
    committed = store.commit(
        commit_of(*(append(f"s-{number}", 0, stock_added(), stock_added()) for number in range(31)))
    )

    assert len(committed.positions) == 31
    assert all(versions(store, f"s-{number}") == [1, 2] for number in range(31))


def test_a_check_passes_while_its_stream_is_at_the_version(store: EventStore) -> None:
    fill(store, "product", 2)

    store.commit(commit_of(append("order", 0), checks=[Check("product", 2), Check("never-written", 0)]))

    assert versions(store, "order") == [1]
    assert versions(store, "product") == [1, 2]


@pytest.mark.parametrize("checked", [0, 1])
def test_a_stale_check_writes_nothing(store: EventStore, checked: int) -> None:
    fill(store, "product", 2)

    with pytest.raises(Conflict):
        store.commit(
            commit_of(
                append("order", 0), append("cart", 0), checks=[Check("product", checked)], claims=[Claim("key", "me")]
            )
        )

    assert versions(store, "order") == versions(store, "cart") == []
    assert store.find_claim("key", AT) is None


def test_the_second_of_two_checks_counts_too(store: EventStore) -> None:
    fill(store, "b", 1)

    with pytest.raises(Conflict):
        store.commit(commit_of(append("order", 0), checks=[Check("a", 0), Check("b", 0)]))


def test_a_claim_is_held_with_its_value(store: EventStore) -> None:
    commit = commit_of(append("s", 0), claims=[Claim("email/a@b", "user-1", b'{"answer":"\xe8\x8c\xb6"}')])

    store.commit(commit)

    held = store.find_claim("email/a@b", AT)
    assert held is not None
    assert (held.key, held.owner, held.commit_id, held.value) == (
        "email/a@b",
        "user-1",
        commit.id,
        b'{"answer":"\xe8\x8c\xb6"}',
    )
    assert held.expires_at is None
    assert store.find_claim("email/other", AT) is None


@pytest.mark.parametrize("owner", ["user-1", "user-2"])
def test_a_taken_claim_is_refused_to_anybody_and_nothing_is_written(store: EventStore, owner: str) -> None:
    store.commit(commit_of(claims=[Claim("key", "user-1", b"1")]))

    with pytest.raises(ClaimTaken) as taken:
        store.commit(commit_of(append("s", 0), claims=[Claim("free", owner), Claim("key", owner, b"2")]))

    assert taken.value.key == "key"
    assert versions(store, "s") == []
    assert store.find_claim("free", AT) is None
    held = store.find_claim("key", AT)
    assert held is not None
    assert held.value == b"1"


def test_a_taken_claim_is_told_before_a_stale_version(store: EventStore) -> None:
    store.commit(commit_of(append("s", 0), claims=[Claim("key", "me")]))

    with pytest.raises(ClaimTaken):
        store.commit(commit_of(append("s", 0), claims=[Claim("key", "me")]))


def test_a_stale_decision_claims_nothing(store: EventStore) -> None:
    fill(store, "s", 1)

    with pytest.raises(Conflict):
        store.commit(commit_of(append("s", 0), claims=[Claim("key", "me")]))

    assert store.find_claim("key", AT) is None


def test_a_claim_past_its_time_counts_as_free(store: EventStore) -> None:
    expires = AT.replace(microsecond=0) + timedelta(minutes=1)
    store.commit(commit_of(claims=[Claim("key", "first", None, expires)]))

    held = store.find_claim("key", expires - timedelta(seconds=1))
    assert held is not None
    assert held.expires_at == expires
    with pytest.raises(ClaimTaken):
        store.commit(commit_of(claims=[Claim("key", "second")], created_at=expires - timedelta(seconds=1)))
    assert store.find_claim("key", expires) is None

    store.commit(commit_of(claims=[Claim("key", "second")], created_at=expires))

    held = store.find_claim("key", expires + timedelta(days=1))
    assert held is not None
    assert held.owner == "second"


def test_the_time_of_a_claim_is_rounded_up_to_a_second(store: EventStore) -> None:
    store.commit(commit_of(claims=[Claim("key", "me", None, AT)]))

    held = store.find_claim("key", AT)

    assert held is not None
    assert held.expires_at == AT.replace(microsecond=0) + timedelta(seconds=1)


def test_a_released_claim_can_be_claimed_again(store: EventStore) -> None:
    store.commit(commit_of(claims=[Claim("key", "first")]))

    store.commit(commit_of(append("s", 0), claims=[Release("key", "first")]))

    assert store.find_claim("key", AT) is None
    store.commit(commit_of(claims=[Claim("key", "second")]))


def test_releasing_what_nobody_holds_is_harmless(store: EventStore) -> None:
    store.commit(commit_of(append("s", 0), claims=[Release("key", "me")]))

    assert versions(store, "s") == [1]


def test_releasing_a_claim_of_another_is_a_conflict(store: EventStore) -> None:
    store.commit(commit_of(claims=[Claim("key", "first")]))

    with pytest.raises(Conflict):
        store.commit(commit_of(append("s", 0), claims=[Release("key", "second")]))

    assert versions(store, "s") == []
    assert store.find_claim("key", AT) is not None


@pytest.mark.parametrize("extra", ["events", "checks", "claims"])
def test_a_commit_takes_100_operations_and_not_one_more(store: EventStore, extra: str) -> None:
    def commit_with(count: int) -> Commit:
        events, checks, claims = 40, 30, 29 + 1
        grown = {
            "events": count - checks - claims,
            "checks": count - events - claims,
            "claims": count - events - checks,
        }[extra]
        sizes = {"events": events, "checks": checks, "claims": claims} | {extra: grown}
        return commit_of(
            append("s", 0, *[stock_added()] * sizes["events"]),
            checks=[Check(f"checked-{number}", 0) for number in range(sizes["checks"])],
            claims=[Claim(f"claimed-{number}", "me") for number in range(sizes["claims"])],
        )

    with pytest.raises(CommitTooLarge):
        store.commit(commit_with(101))
    assert versions(store, "s") == []

    store.commit(commit_with(100))
    assert versions(store, "s")


def product_of(size: int) -> ProductCreated:
    """Give an event of exactly so many bytes of JSON."""
    empty = len(
        b'{"product_id":"p","name":"","description":"","price":1,"stock":1,"created_at":"2026-01-02T03:04:05.678901Z"}'
    )
    return ProductCreated("p", "", "x" * (size - empty), 1, 1, AT)


def test_an_event_takes_64_kb_of_json_and_not_one_byte_more(store: EventStore) -> None:
    with pytest.raises(CommitTooLarge):
        store.commit(adding(product_of(MAX_EVENT_BYTES + 1), to="s", at_version=0))

    store.commit(adding(product_of(MAX_EVENT_BYTES), to="s", at_version=0))

    assert [len(event.data) for event in store.read("s")] == [MAX_EVENT_BYTES]


def test_size_is_counted_in_bytes_not_characters(store: EventStore) -> None:
    with pytest.raises(CommitTooLarge):
        store.commit(adding(ProductCreated("p", "", "茶" * 22_000, 1, 1, AT), to="s", at_version=0))


def test_a_commit_takes_3_mb_of_events_and_claim_values(store: EventStore) -> None:
    full = [product_of(60_000)] * 49

    with pytest.raises(CommitTooLarge):
        store.commit(commit_of(append("s", 0, *full), claims=[Claim("key", "me", b'"' + b"x" * 59_999 + b'"')]))
    assert versions(store, "s") == []

    store.commit(commit_of(append("s", 0, *full), claims=[Claim("key", "me", b'"' + b"x" * 59_998 + b'"')]))
    assert len(versions(store, "s")) == 49


def test_a_claim_value_and_metadata_take_64_kb(store: EventStore) -> None:
    with pytest.raises(CommitTooLarge):
        store.commit(commit_of(claims=[Claim("key", "me", b'"' + b"x" * MAX_EVENT_BYTES + b'"')]))
    with pytest.raises(CommitTooLarge):
        store.commit(Commit(new_id(), AT, (append("s", 0),), metadata=Metadata(actor="x" * MAX_EVENT_BYTES)))


def test_the_same_commit_again_is_the_same_success(store: EventStore) -> None:
    commit = commit_of(append("a", 0), append("b", 0), checks=[Check("c", 0)], claims=[Claim("key", "me")])

    first, second = store.commit(commit), store.commit(commit)

    assert first == second
    assert [versions(store, stream) for stream in "abc"] == [[1], [1], []]


def test_an_old_commit_again_is_a_success_though_its_streams_and_checks_went_on(store: EventStore) -> None:
    commit = commit_of(append("a", 0), append("b", 0), checks=[Check("c", 0)])
    store.commit(commit)
    store.commit(commit_of(append("a", 1), append("c", 0)))

    store.commit(commit)

    assert [versions(store, stream) for stream in "abc"] == [[1, 2], [1], [1]]


def test_a_commit_of_claims_alone_again_is_the_same_success(store: EventStore) -> None:
    commit = commit_of(claims=[Claim("key", "me", b"1")])

    store.commit(commit)
    store.commit(commit)

    with pytest.raises(ClaimTaken):
        store.commit(commit_of(claims=[Claim("key", "me", b"1")]))


def test_a_commit_that_lost_to_another_is_a_conflict_each_time(store: EventStore) -> None:
    lost = adding(stock_added(1), to="s", at_version=0)
    store.commit(adding(stock_added(2), to="s", at_version=0))

    for _ in range(2):
        with pytest.raises(Conflict):
            store.commit(lost)


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


def test_another_client_sees_a_commit_at_once(harness: EventStoreHarness) -> None:
    another = harness.another()
    for number in range(5):
        harness.store.commit(adding(stock_added(), to="s", at_version=number))

        assert len(versions(another, "s")) == number + 1
        assert {head.version for head in another.heads()} == {number + 1}
