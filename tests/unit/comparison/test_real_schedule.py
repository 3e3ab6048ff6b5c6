"""What is done to a real run from without, and when."""

from collections import Counter

from entrypoints.comparison.real.schedule import LONGEST_OUTAGE, Trouble, schedule

PROCESSES = ("api-0", "api-1", "read-models", "notifier", "sender", "relay", "reconcile")


def of(troubles: list[Trouble], what: str) -> list[Trouble]:
    return [trouble for trouble in troubles if trouble.what == what]


def test_the_same_seed_has_the_same_troubles_and_another_has_others() -> None:
    assert schedule(7, 60, PROCESSES, "broker.down") == schedule(7, 60, PROCESSES, "broker.down")
    assert schedule(7, 60, PROCESSES, "broker.down") != schedule(8, 60, PROCESSES, "broker.down")


def test_troubles_come_in_their_order_and_are_over_before_the_run_is() -> None:
    for seconds in (20.0, 60.0, 180.0):
        troubles = schedule(1, seconds, PROCESSES, "broker.down")

        assert [trouble.at for trouble in troubles] == sorted(trouble.at for trouble in troubles)
        assert all(trouble.at > 0 and trouble.at + trouble.seconds < seconds for trouble in troubles)


def test_in_three_minutes_every_process_is_killed_and_the_broker_is_away_for_twenty_seconds() -> None:
    troubles = schedule(1, 180, PROCESSES, "broker.down")

    killed = Counter(trouble.whom for trouble in of(troubles, "kill"))
    assert set(killed) == set(PROCESSES)
    assert [trouble.seconds for trouble in of(troubles, "broker.down")] == [LONGEST_OUTAGE]
    assert len(of(troubles, "database.down")) == 3
    assert {trouble.whom for trouble in of(troubles, "consumer.past_retention")} <= {"read-models", "notifier"}


def test_a_short_run_has_one_of_each() -> None:
    troubles = schedule(1, 20, PROCESSES, "shard.throttled")

    assert len(of(troubles, "kill")) >= 3
    for what in ("shard.throttled", "database.down", "consumer.past_retention"):
        assert len(of(troubles, what)) == 1


def test_what_nothing_carries_is_never_away() -> None:
    whats = {trouble.what for trouble in schedule(1, 60, PROCESSES, "")}

    assert whats == {"kill", "database.down", "consumer.past_retention"}
