"""How workers share shards."""

import pytest

from adapters.kinesis.lease import TRIM_HORIZON, Lease
from adapters.kinesis.sharing import LEASE_SECONDS, Watch, to_take

pytestmark = pytest.mark.memory


def lease(shard: str, owner: str = "", counter: int = 1) -> Lease:
    return Lease(shard, owner, counter, TRIM_HORIZON, ())


def taken(free: str, **held: str) -> list[str]:
    """Give the shards that I try, of these free ones and these by owner; a shard is a letter."""
    return [
        lease.shard
        for lease in to_take(
            "me", [lease(each) for each in free], [lease(each, owner) for owner, has in held.items() for each in has]
        )
    ]


def test_who_is_alone_takes_everything() -> None:
    assert taken("abc") == ["a", "b", "c"]
    assert taken("c", me="ab") == ["c"]


def test_a_worker_takes_no_more_than_its_share() -> None:
    assert taken("abcd", other="ef") == ["a", "b", "c"]
    assert taken("cd", me="ab", other="ef") == ["c"]
    assert taken("d", me="abc", other="ef") == []


def test_one_is_taken_from_who_has_the_most_and_only_where_that_is_more_than_its_share() -> None:
    assert taken("", other="abcd") == ["a"]
    assert taken("", me="a", other="bcd") == ["b"]
    assert taken("", me="ab", other="cd") == []
    assert taken("", other="a") == []
    assert taken("", other="ab", another="cdef") == ["c"]
    assert taken("", me="a", other="bc") == []


def test_nobody_moves_in_turns_for_ever() -> None:
    held = {"me": list("abcdefg"), "other": [], "third": []}
    moves = 0
    for _ in range(30):
        for worker, mine in held.items():
            everything = [lease(each, owner) for owner, has in held.items() for each in has]
            for seen in to_take(worker, [], everything):
                held[seen.owner].remove(seen.shard)
                mine.append(seen.shard)
                moves += 1

    assert sorted(map(len, held.values())) == [2, 2, 3]
    assert moves == 4


def test_a_lease_is_free_when_nobody_has_it() -> None:
    watch = Watch()
    watch.see([lease("a"), lease("b", "other")], 0.0)

    assert watch.is_free(lease("a"), 0.0)
    assert not watch.is_free(lease("b", "other"), 0.0)


def test_a_lease_runs_out_when_it_was_seen_unchanged_for_long_enough() -> None:
    watch = Watch()
    for now in (100.0, 105.0, 100.0 + LEASE_SECONDS):
        watch.see([lease("a", "other")], now)

    assert not watch.is_free(lease("a", "other"), 99.9 + LEASE_SECONDS)
    assert watch.is_free(lease("a", "other"), 100.0 + LEASE_SECONDS)


def test_a_lease_that_its_owner_renews_does_not_run_out() -> None:
    watch = Watch()
    for turn in range(10):
        watch.see([lease("a", "other", counter=turn)], turn * LEASE_SECONDS)

    assert not watch.is_free(lease("a", "other", counter=9), 9 * LEASE_SECONDS)
    watch.see([lease("a", "other", counter=9)], 10 * LEASE_SECONDS)
    assert watch.is_free(lease("a", "other", counter=9), 10 * LEASE_SECONDS)


def test_a_lease_that_was_never_seen_before_has_not_run_out() -> None:
    assert not Watch().is_free(lease("a", "other"), 1e9)
