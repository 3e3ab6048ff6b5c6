"""What a commit may depend on: the version its streams end at, and checks of streams that it does not write."""

import pytest

from core.ports.commit import Check, Claim
from core.ports.event_store import Conflict, EventStore
from tests.support.commits import AT, adding, append, commit_of, fill, stock_added, versions


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


@pytest.mark.parametrize("head", [0, 2])
def test_a_check_ahead_of_the_head_is_rejected(store: EventStore, head: int) -> None:
    fill(store, "product", head)

    with pytest.raises(Conflict):
        store.commit(commit_of(append("order", 0), checks=[Check("product", head + 1)]))

    assert versions(store, "order") == []


def test_the_second_of_two_checks_counts_too(store: EventStore) -> None:
    fill(store, "b", 1)

    with pytest.raises(Conflict):
        store.commit(commit_of(append("order", 0), checks=[Check("a", 0), Check("b", 0)]))
