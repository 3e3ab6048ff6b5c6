"""What an event store owes to clients that write at the same moment."""

import threading
from collections.abc import Callable, Iterator

import pytest

from core.ports.commit import Check, Claim, Commit
from core.ports.event_store import ClaimTaken, Conflict
from tests.contract.conftest import marked
from tests.contract.harness import EventStoreHarness
from tests.support.commits import AT, adding, append, commit_of, fill, stock_added, versions

pytestmark = pytest.mark.races

ROUNDS = 50


@pytest.fixture(params=["memory", *marked(("ministack", "postgres", "postgres-system"))])
def harness(request: pytest.FixtureRequest) -> Iterator[EventStoreHarness]:
    """Give an empty store; moto is not atomic under threads, so no race is run on it."""
    yield from request.getfixturevalue("open_harness")(request.param)


def outcomes_of(attempts: list[Callable[[], object]]) -> list[str]:
    """Run all at the same moment, each in its thread; name the outcomes in order."""
    outcomes = [""] * len(attempts)
    start = threading.Barrier(len(attempts))

    def run(number: int) -> None:
        start.wait()
        try:
            attempts[number]()
            outcomes[number] = "committed"
        except (Conflict, ClaimTaken) as error:
            outcomes[number] = type(error).__name__

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(attempts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_32_threads_on_one_stream_have_one_winner_a_round(harness: EventStoreHarness) -> None:
    store, winners = harness.another(), []
    for version in range(ROUNDS):
        commits = [adding(stock_added(number + 1), to="s", at_version=version) for number in range(32)]

        outcomes = outcomes_of([lambda commit=commit: store.commit(commit) for commit in commits])  # type: ignore[misc]

        assert sorted(outcomes) == ["Conflict"] * 31 + ["committed"]
        winners.append(commits[outcomes.index("committed")].id)

    events = list(store.read("s"))
    assert [event.version for event in events] == list(range(1, ROUNDS + 1))
    assert [event.commit_id for event in events] == winners


def test_commits_over_several_streams_are_all_or_nothing_under_races(harness: EventStoreHarness) -> None:
    store = harness.another()
    for version in range(ROUNDS):
        # Each commit shares one stream with the next, so at most two of the four can be stored.
        commits = [
            commit_of(
                append(f"s-{number}", version),
                append(f"s-{(number + 1) % 4}", version),
                append(f"own-{version}-{number}", 0),
            )
            for number in range(4)
        ]
        outcomes = outcomes_of([lambda commit=commit: store.commit(commit) for commit in commits])  # type: ignore[misc]

        stored = {event.commit_id for number in range(4) for event in store.read(f"s-{number}")}
        for number, (commit, outcome) in enumerate(zip(commits, outcomes, strict=True)):
            expected = outcome == "committed"
            assert (commit.id in stored) is expected
            assert bool(versions(store, f"own-{version}-{number}")) is expected
        assert 1 <= outcomes.count("committed") <= 2
        for number in range(4):  # bring the streams to the same version again
            if len(versions(store, f"s-{number}")) == version:
                store.commit(adding(stock_added(), to=f"s-{number}", at_version=version))
            assert versions(store, f"s-{number}") == list(range(1, version + 2))


@pytest.mark.parametrize("version", [0, 1])
def test_of_two_commits_that_check_what_the_other_appends_at_most_one_succeeds(
    harness: EventStoreHarness, version: int
) -> None:
    store = harness.another()
    for number in range(ROUNDS):
        a, b = f"a-{number}", f"b-{number}"
        for stream in (a, b):
            fill(store, stream, version)
        crossing = [
            commit_of(append(a, version), checks=[Check(b, version)]),
            commit_of(append(b, version), checks=[Check(a, version)]),
        ]

        outcomes = outcomes_of([lambda commit=commit: store.commit(commit) for commit in crossing])  # type: ignore[misc]

        assert outcomes.count("committed") <= 1
        assert len(versions(store, a)) + len(versions(store, b)) == 2 * version + outcomes.count("committed")


def test_a_claim_has_one_winner_a_round(harness: EventStoreHarness) -> None:
    store = harness.another()
    for number in range(ROUNDS):
        commits = [
            commit_of(append(f"s-{number}-{who}", 0), claims=[Claim(f"key-{number}", f"{who}")]) for who in range(8)
        ]

        outcomes = outcomes_of([lambda commit=commit: store.commit(commit) for commit in commits])  # type: ignore[misc]

        assert sorted(outcomes) == ["ClaimTaken"] * 7 + ["committed"]
        held = store.find_claim(f"key-{number}", AT)
        assert held is not None
        assert held.owner == str(outcomes.index("committed"))
        assert sum(len(versions(store, f"s-{number}-{who}")) for who in range(8)) == 1


def test_the_same_commit_sent_twice_at_once_is_written_once(harness: EventStoreHarness) -> None:
    store = harness.another()

    def twice(make: Callable[[int], Commit]) -> None:
        for number in range(ROUNDS):
            commit = make(number)
            assert outcomes_of([lambda: store.commit(commit)] * 2) == ["committed", "committed"]  # noqa: B023 - run at once

    twice(lambda number: adding(stock_added(), to=f"one-{number}", at_version=0))
    twice(lambda number: commit_of(append(f"two-{number}", 0), claims=[Claim(f"key-{number}", "me")]))

    assert all(versions(store, f"{name}-{number}") == [1] for name in ("one", "two") for number in range(ROUNDS))
