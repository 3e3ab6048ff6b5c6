"""How much a commit, an event, a claim's value, metadata and a name may be."""

from dataclasses import replace

import pytest

from adapters.serialization.codec import JsonCodec
from core.domain.product import ProductCreated
from core.ports.commit import MAX_COMMIT_BYTES, MAX_EVENT_BYTES, Check, Claim, Commit, Release
from core.ports.event_store import CommitTooLarge, EventStore
from core.ports.events import Metadata
from tests.support.commits import AT, adding, append, commit_of, new_id, stock_added, versions


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


METADATA = Metadata(correlation_id="a-request", command="Test")

LONGEST = "茶" * 341 + "s"
"""A name of 1,024 bytes."""


def test_a_commit_takes_3_mb_of_events_metadata_and_claim_values(store: EventStore) -> None:
    def commit_with(bytes_of_claim: int) -> Commit:
        value = b'"' + b"x" * (bytes_of_claim - 2) + b'"'
        claims = [Claim(f"{LONGEST[:340]}{number:03}", LONGEST, value if number == 0 else None) for number in range(51)]
        return replace(commit_of(append(LONGEST, 0, *[product_of(60_000)] * 49), claims=claims), metadata=METADATA)

    left = MAX_COMMIT_BYTES - 49 * (60_000 + len(JsonCodec().encode(METADATA)))

    with pytest.raises(CommitTooLarge):
        store.commit(commit_with(left + 1))
    assert versions(store, LONGEST) == []

    store.commit(commit_with(left))
    assert len(versions(store, LONGEST)) == 49


def test_metadata_counts_once_for_each_event(store: EventStore) -> None:
    heavy = Metadata(actor="x" * 60_000)

    with pytest.raises(CommitTooLarge):
        store.commit(replace(commit_of(append("s", 0, *[stock_added()] * 50)), metadata=heavy))
    assert versions(store, "s") == []

    store.commit(replace(commit_of(append("s", 0, *[stock_added()] * 49)), metadata=heavy))
    assert len(versions(store, "s")) == 49


@pytest.mark.parametrize("name", [LONGEST, "x" * 1_024], ids=["Kanji", "ASCII"])
def test_a_name_takes_1024_bytes_and_not_one_more(store: EventStore, name: str) -> None:
    for too_long in (
        commit_of(append(name + "x", 0)),
        commit_of(append("s", 0), append(name + "x", 0)),
        commit_of(append("s", 0), checks=[Check(name + "x", 0)]),
        commit_of(append("s", 0), claims=[Claim(name + "x", "me")]),
        commit_of(append("s", 0), claims=[Claim("key", name + "x")]),
        commit_of(append("s", 0), claims=[Release(name + "x", "me")]),
    ):
        with pytest.raises(CommitTooLarge):
            store.commit(too_long)
    assert versions(store, "s") == []

    store.commit(commit_of(append(name, 0), checks=[Check(f"c{name[1:]}", 0)], claims=[Claim(name, name)]))
    assert versions(store, name) == [1]


def test_a_claim_value_and_metadata_take_64_kb(store: EventStore) -> None:
    with pytest.raises(CommitTooLarge):
        store.commit(commit_of(claims=[Claim("key", "me", b'"' + b"x" * MAX_EVENT_BYTES + b'"')]))
    with pytest.raises(CommitTooLarge):
        store.commit(Commit(new_id(), AT, (append("s", 0),), metadata=Metadata(actor="x" * MAX_EVENT_BYTES)))
