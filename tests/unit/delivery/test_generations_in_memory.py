"""Whom a change of generations waits for, in memory: the batches that began before it, and nobody else."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from adapters.inmemory import InMemoryProjectionStore
from core.ports.projection_store import Change, Cursor
from tests.contract.changes import LIVE
from tests.support.environment import armed_environment


class Waits:
    """Stands in for waiting: at each look something happens instead; `seen` says whether the wait was over before it."""

    def __init__(self) -> None:
        """Have nothing happen yet."""
        self.then: list[Callable[[], object]] = []
        self.seen: list[bool] = []
        self.store = InMemoryProjectionStore(replace(armed_environment()[0], wait=self.wait))

    def wait(self, ready: Callable[[], bool], _seconds: float) -> bool:
        """Look, have the next thing happen, and look again."""
        self.seen.append(ready())
        if not self.seen[-1]:
            self.then.pop(0)()
        return ready()


def test_a_new_generation_waits_for_the_batches_of_before_and_for_none_that_knows_of_it() -> None:
    waits, before, after, known = Waits(), ExitStack(), ExitStack(), list[int]()
    before.enter_context(waits.store.transaction())

    def begin_another_batch() -> None:
        transaction = after.enter_context(waits.store.transaction())
        known.extend(each.number for each in transaction.generations)

    waits.then = [begin_another_batch, before.close]
    with after:
        number = waits.store.begin(1).number

        assert waits.seen == [False, False]
        assert known == [LIVE, number]


def test_a_generation_is_there_until_the_last_batch_that_writes_it_has_ended() -> None:
    waits, batch = Waits(), ExitStack()
    number = waits.store.begin(1).number
    transaction = batch.enter_context(waits.store.transaction(number))
    transaction.lock(["s"])
    transaction.save({number: [Change("s", Cursor(), Cursor(1, "an event"), None)]})
    found: list[Cursor] = []

    def end_the_batch() -> None:
        batch.close()
        found.append(waits.store.standings(["s"], number)["s"].cursor)

    waits.seen.clear()
    waits.then = [end_the_batch]
    waits.store.drop(number)

    assert waits.seen == [False]
    assert found == [Cursor(1, "an event")]
    assert waits.store.standings(["s"], number) == {}
