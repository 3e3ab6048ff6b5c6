"""Claims: keys that one owner holds at a time, taken and released together with events."""

from datetime import timedelta

import pytest

from core.ports.commit import Append, Claim, Release
from core.ports.event_store import ClaimTaken, Conflict, EventStore
from tests.support.commits import AT, append, commit_of, fill, versions


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


def test_an_expired_claim_of_another_can_be_released(store: EventStore) -> None:
    store.commit(commit_of(claims=[Claim("key", "first", expires_at=AT)]))
    later = AT + timedelta(hours=1)

    store.commit(commit_of(append("s", 0), claims=[Release("key", "second")], created_at=later))

    assert versions(store, "s") == [1]
    assert store.find_claim("key", AT) is None  # it is gone, not only expired
    store.commit(commit_of(claims=[Claim("key", "third")]))


@pytest.mark.parametrize("appends", [[], [append("s", 0)]], ids=["alone", "with an event"])
def test_releasing_a_claim_of_another_is_a_conflict(store: EventStore, appends: list[Append]) -> None:
    store.commit(commit_of(claims=[Claim("key", "first")]))

    with pytest.raises(Conflict):
        store.commit(commit_of(*appends, claims=[Release("key", "second")]))

    assert versions(store, "s") == []
    assert store.find_claim("key", AT) is not None
