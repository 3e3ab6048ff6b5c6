"""Simulated processes take turns, wait, queue and die as real ones do; nothing acts after its death."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

import pytest

from entrypoints.comparison.simulated.scheduler import Crash, Scheduler


@pytest.fixture
def scheduler() -> Scheduler:
    """Give one with a fixed source of chance."""
    return Scheduler(Random(1))


def never() -> bool:
    return False


def test_processes_take_turns_at_each_step(scheduler: Scheduler) -> None:
    told: list[str] = []

    def talk(name: str) -> Callable[[], None]:
        def main() -> None:
            for number in range(20):
                told.append(f"{name}{number}")
                scheduler.step()

        return main

    for name in "ab":
        scheduler.start(name, talk(name))
    scheduler.run(never)

    assert sorted(told) == sorted(f"{name}{number}" for name in "ab" for number in range(20))
    assert [each for each in told if each[0] == "a"] == [f"a{number}" for number in range(20)]
    assert told != sorted(told)
    assert told != sorted(told, reverse=True)


def test_the_same_source_of_chance_gives_the_same_order() -> None:
    def order(seed: int) -> list[str]:
        scheduler, told = Scheduler(Random(seed)), list[str]()

        def main(name: str) -> Callable[[], None]:
            def talk() -> None:
                for _ in range(30):
                    told.append(name)
                    scheduler.step()

            return talk

        for name in "abc":
            scheduler.start(name, main(name))
        scheduler.run(never)
        return told

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_time_passes_only_where_somebody_waits_for_it(scheduler: Scheduler) -> None:
    at: list[float] = []

    def main() -> None:
        scheduler.sleep(3600.0)
        at.append(scheduler.seconds)

    scheduler.start("sleeper", main)
    scheduler.run(never)

    assert at == [3600.0]


def test_who_waits_goes_on_when_woken_and_its_condition_holds(scheduler: Scheduler) -> None:
    there, found = list[str](), list[tuple[bool, float]]()

    def waiter() -> None:
        found.append((scheduler.wait(lambda: bool(there), 100.0), scheduler.seconds))

    def bringer() -> None:
        scheduler.sleep(2.0)
        scheduler.wake()
        scheduler.sleep(2.0)
        there.append("it")
        scheduler.wake()

    scheduler.start("waiter", waiter)
    scheduler.start("bringer", bringer)
    scheduler.run(never)

    ((met, at),) = found
    assert met
    assert at == pytest.approx(4.0)


def test_who_is_ready_stays_so_though_another_goes_first() -> None:
    """Whatever chance says, the one who was woken does not sleep on to the end of its time."""
    for seed in range(20):
        scheduler, there, at = Scheduler(Random(seed)), list[str](), list[float]()

        def waiter(scheduler: Scheduler = scheduler, there: list[str] = there, at: list[float] = at) -> None:
            scheduler.wait(lambda: bool(there), 100.0)
            at.append(scheduler.seconds)

        def bringer(scheduler: Scheduler = scheduler, there: list[str] = there) -> None:
            there.append("it")
            scheduler.wake()
            for _ in range(10):
                scheduler.step()

        scheduler.start("waiter", waiter)
        scheduler.start("bringer", bringer)
        scheduler.run(never)

        assert at[0] < 1.0


def test_a_lock_is_handed_to_who_waited_longest(scheduler: Scheduler) -> None:
    order: list[str] = []

    def main(name: str, after: float) -> Callable[[], None]:
        def locked() -> None:
            scheduler.sleep(after)
            with scheduler.locked(["stock", "cart"]):
                order.append(name)
                scheduler.sleep(10.0)

        return locked

    for place, name in enumerate("abc"):
        scheduler.start(name, main(name, place + 1.0))
    scheduler.run(never)

    assert order == ["a", "b", "c"]
    assert scheduler.seconds == pytest.approx(31.0)


@pytest.mark.parametrize("stands", ["step", "sleep", "wait", "lock"])
def test_a_process_that_is_killed_dies_where_it_stands_and_does_nothing_more(scheduler: Scheduler, stands: str) -> None:
    done: list[str] = []

    def stand() -> None:
        if stands == "step":
            while True:
                scheduler.step()
        elif stands == "sleep":
            scheduler.sleep(1e9)
        elif stands == "wait":
            scheduler.wait(never, 1e9)
        else:
            with scheduler.locked(["taken"]):
                done.append("got the lock of another")

    def victim() -> None:
        try:
            stand()
            done.append("went on")
        finally:
            scheduler.step()  # as any port call in a `finally` does
            done.append("acted after its death")

    def holder() -> None:
        with scheduler.locked(["taken"]):
            scheduler.sleep(5.0)
            scheduler.kill(process)
            scheduler.sleep(5.0)

    scheduler.start("holder", holder)
    scheduler.run(lambda: scheduler.seconds > 0 or holds())
    process = scheduler.start("victim", victim)
    scheduler.run(never)

    assert process.ended
    assert done == []


def holds() -> bool:
    """Let a first turn pass."""
    return True


def test_who_dies_lets_its_locks_go(scheduler: Scheduler) -> None:
    got: list[str] = []

    def victim() -> None:
        with scheduler.locked(["stock"]):
            scheduler.die()

    def heir() -> None:
        scheduler.sleep(1.0)
        with scheduler.locked(["stock"]):
            got.append("stock")

    scheduler.start("victim", victim)
    scheduler.start("heir", heir)
    scheduler.run(never)

    assert got == ["stock"]


def test_a_transaction_of_a_process_that_dies_is_not_committed(scheduler: Scheduler) -> None:
    saved: list[str] = []

    @contextmanager
    def transaction() -> Iterator[None]:
        yield
        saved.append("committed")

    def victim() -> None:
        with transaction():
            scheduler.die()

    scheduler.start("victim", victim)
    scheduler.run(never)

    assert saved == []


def test_what_a_process_raises_by_itself_is_not_swallowed(scheduler: Scheduler) -> None:
    def main() -> None:
        raise LookupError("a bug")

    scheduler.start("buggy", main)

    with pytest.raises(LookupError, match="a bug"):
        scheduler.run(never)


def test_outside_of_processes_nobody_dies_and_time_passes_by_sleeping(scheduler: Scheduler) -> None:
    scheduler.step()
    scheduler.die()
    scheduler.sleep(7.0)

    assert scheduler.seconds == 7.0


def test_a_crash_is_no_exception_that_code_of_the_shop_could_catch() -> None:
    assert not issubclass(Crash, Exception)


def test_processes_that_wait_for_each_other_for_ever_are_a_bug_and_told(scheduler: Scheduler) -> None:
    def main(first: str, second: str) -> Callable[[], None]:
        def hold_both() -> None:
            with scheduler.locked([first]):
                scheduler.sleep(1.0)
                with scheduler.locked([second]):
                    pass

        return hold_both

    scheduler.start("a", main("stock", "cart"))
    scheduler.start("b", main("cart", "stock"))

    with pytest.raises(AssertionError, match="a, b wait for each other"):
        scheduler.run(never)
