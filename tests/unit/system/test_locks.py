"""One lock per name: sorted, queued, and gone when nobody wants it."""

import signal
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.system.environment import system_environment
from adapters.system.locks import KeyedLocks

SOON = 10.0
"""Seconds that a thread may need on a slow machine before it counts as stuck; a passing test never waits for it."""


class Holder(threading.Thread):
    """A thread that takes locks, says so, and holds them until it is let go."""

    def __init__(self, locks: KeyedLocks, keys: Iterable[str], taken: Callable[[], None] = lambda: None) -> None:
        super().__init__(daemon=True)
        self._locks, self._keys, self._taken = locks, keys, taken
        self.holds, self.let_go = threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        with self._locks.locked(self._keys):
            self._taken()
            self.holds.set()
            assert self.let_go.wait(SOON)

    def finish(self) -> None:
        self.let_go.set()
        self.join(SOON)
        assert not self.is_alive()


def wait_for_waiters(locks: KeyedLocks, key: str, waiters: int) -> None:
    """Return as soon as so many threads queue for the key."""
    until = time.monotonic() + SOON
    while len(locks._queues[key]) != waiters:
        assert time.monotonic() < until
        time.sleep(0)


def test_a_key_is_held_by_one_at_a_time() -> None:
    locks, inside, most = KeyedLocks(), [0], [0]

    def hold(_number: int) -> None:
        with locks.locked(["a"]):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            inside[0] -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(hold, range(200)))

    assert (inside, most) == ([0], [1])


def test_different_keys_do_not_wait_for_each_other() -> None:
    locks = KeyedLocks()
    one = Holder(locks, ["a"])
    assert one.holds.wait(SOON)

    other = Holder(locks, ["b"])

    assert other.holds.wait(SOON)
    one.finish()
    other.finish()


def test_keys_are_taken_in_sorted_order_however_they_are_given() -> None:
    locks = KeyedLocks()
    middle = Holder(locks, ["b"])
    assert middle.holds.wait(SOON)

    all_three = Holder(locks, iter(["c", "a", "b", "a"]))

    wait_for_waiters(locks, "b", 1)
    assert set(locks._queues) == {
        "a",
        "b",
    }  # "a" is taken, for it sorts before the one that is waited for; "c" is not yet
    assert not all_three.holds.is_set()
    middle.finish()
    assert all_three.holds.wait(SOON)
    all_three.finish()


def test_threads_that_name_the_same_keys_in_different_orders_never_wait_in_a_ring() -> None:
    locks, orders = KeyedLocks(), [["a", "b", "c"], ["c", "b", "a"], ["b", "c"], ["c", "a"]]

    def hold(number: int) -> None:
        with locks.locked(orders[number % len(orders)]):
            pass

    with ThreadPoolExecutor(8) as threads:
        done = [threads.submit(hold, number) for number in range(400)]
        for future in done:
            future.result(timeout=SOON)


def test_those_who_wait_for_a_key_get_it_in_the_order_in_which_they_came() -> None:
    locks, turns = KeyedLocks(), list[int]()
    first = Holder(locks, ["a"])
    assert first.holds.wait(SOON)
    waiting = []
    for number in range(5):
        waiting.append(Holder(locks, ["a"], taken=lambda number=number: turns.append(number)))  # type: ignore[misc]
        wait_for_waiters(locks, "a", number + 1)

    for holder in [first, *waiting]:
        holder.finish()

    assert turns == [0, 1, 2, 3, 4]


def test_a_key_that_nobody_holds_or_waits_for_takes_no_memory() -> None:
    locks = KeyedLocks()
    for number in range(1_000):
        with locks.locked([f"key-{number}", "hot"]):
            assert len(locks._queues) == 2
    assert len(locks._queues) == 0


def test_locks_are_let_go_when_what_they_guarded_fails() -> None:
    locks = KeyedLocks()

    with pytest.raises(ZeroDivisionError), locks.locked(["a", "b"]):
        raise ZeroDivisionError

    assert len(locks._queues) == 0
    with locks.locked(["a", "b"]):
        pass


def test_a_thread_that_is_interrupted_while_it_waits_leaves_the_queue() -> None:
    locks = KeyedLocks()
    first = Holder(locks, ["a"])
    assert first.holds.wait(SOON)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt), locks.locked(["a"]):
            pass
    finally:
        signal.signal(signal.SIGALRM, before)
    assert len(locks._queues["a"]) == 0

    first.finish()

    with locks.locked(["a"]):
        pass


def test_no_key_at_all_is_fine() -> None:
    with KeyedLocks().locked([]):
        pass


def test_two_environments_share_no_lock() -> None:
    with system_environment().locked(["a"]), system_environment().locked(["a"]):
        pass
