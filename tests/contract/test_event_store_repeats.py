"""A commit that is sent again: its outcome is that of the first time."""

import pytest

from core.ports.commit import Check, Claim, Release
from core.ports.event_store import ClaimTaken, Conflict, EventStore
from tests.support.commits import AT, adding, append, commit_of, stock_added, versions


def test_the_same_commit_again_is_the_same_success(store: EventStore) -> None:
    commit = commit_of(append("a", 0), append("b", 0), checks=[Check("c", 0)], claims=[Claim("key", "me")])

    first, second = store.commit(commit), store.commit(commit)

    assert first == second
    assert [versions(store, stream) for stream in "abc"] == [[1], [1], []]


def test_an_old_commit_again_is_a_success_though_its_streams_and_checks_went_on(store: EventStore) -> None:
    commit = commit_of(append("a", 0), append("b", 0), checks=[Check("c", 0)])
    store.commit(commit)
    store.commit(commit_of(append("a", 1), append("b", 1), append("c", 0)))

    store.commit(commit)

    assert [versions(store, stream) for stream in "abc"] == [[1, 2], [1, 2], [1]]


def test_an_old_commit_again_is_a_success_though_its_only_stream_went_on(store: EventStore) -> None:
    commit = adding(stock_added(1), stock_added(2), to="s", at_version=0)
    store.commit(commit)
    store.commit(adding(stock_added(3), to="s", at_version=2))

    store.commit(commit)

    assert versions(store, "s") == [1, 2, 3]


def test_a_commit_of_claims_alone_again_is_the_same_success(store: EventStore) -> None:
    commit = commit_of(claims=[Claim("key", "me", b"1")])

    store.commit(commit)
    store.commit(commit)

    with pytest.raises(ClaimTaken):
        store.commit(commit_of(claims=[Claim("key", "me", b"1")]))


def test_a_commit_of_claims_alone_again_finds_them_held_or_free_once_they_were_released(store: EventStore) -> None:
    commit = commit_of(claims=[Claim("key", "me", b"1")])
    store.commit(commit)
    store.commit(commit_of(claims=[Release("key", "me")]))

    store.commit(commit)  # a success, whether it is written again or not

    held = store.find_claim("key", AT)
    assert held is None or held.commit_id == commit.id


def test_a_foreign_claim_does_not_hide_an_earlier_success(store: EventStore) -> None:
    first = commit_of(append("s", 0), claims=[Claim("key", "me")])
    store.commit(first)
    store.commit(commit_of(claims=[Release("key", "me")]))
    store.commit(commit_of(claims=[Claim("key", "another")]))

    assert store.commit(first).commit_id == first.id

    assert versions(store, "s") == [1]


def test_a_commit_that_lost_to_another_is_a_conflict_each_time(store: EventStore) -> None:
    lost = adding(stock_added(1), to="s", at_version=0)
    store.commit(adding(stock_added(2), to="s", at_version=0))

    for _ in range(2):
        with pytest.raises(Conflict):
            store.commit(lost)
