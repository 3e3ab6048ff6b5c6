"""The projector's loop: it works while it can and waits, without limit, for what is away."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from adapters.inmemory import InMemoryEventFeed
from core.delivery.projector import LONGEST_PAUSE, SHORTEST_PAUSE, Projector
from core.ports.event_feed import Delivery, EventFeed, FeedUnavailable
from core.ports.event_store import StoreUnavailable
from core.ports.projection_store import ProjectionUnavailable
from tests.unit.delivery.scene import Crash, Scene, crash


class ScriptedFeed:
    """A feed that does what the script says on each poll, then ends the loop; `acknowledged` counts."""

    def __init__(self, feed: EventFeed, *script: Callable[[], None]) -> None:
        """Do these in turn before polling the feed."""
        self._feed = feed
        self._script = deque(script)
        self.acknowledged = 0
        self.timeouts: list[float] = []

    def over(self) -> bool:
        """Tell whether the script is at its end."""
        return not self._script

    def poll(self, limit: int, timeout: float = 0.0) -> Sequence[Delivery]:
        """Do the next thing, then poll without waiting."""
        self.timeouts.append(timeout)
        self._script.popleft()()
        return self._feed.poll(limit)

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Count, and pass on."""
        self.acknowledged += len(deliveries)
        self._feed.acknowledge(deliveries)

    def lag_seconds(self) -> float:
        """Pass it on."""
        return self._feed.lag_seconds()

    def hindrance(self) -> str:
        """Pass it on."""
        return self._feed.hindrance()


class Loop:
    """A projector whose pauses are noted instead of waited for."""

    def __init__(self, scene: Scene, *script: Callable[[], None]) -> None:
        """Prepare it."""
        self.pauses: list[float] = []
        self.troubles: list[str] = []
        environment = replace(scene.environment, jitter=lambda most: most, wait=self._wait)
        self.feed = ScriptedFeed(InMemoryEventFeed(scene.memory, scene.environment), *script)
        self.projector = Projector(self.feed, scene.consumer, environment)

    def _wait(self, ready: Callable[[], bool], seconds: float) -> bool:
        self.pauses.append(seconds)
        self.troubles.append(self.projector.trouble)
        return ready()

    def run(self) -> None:
        """Run to the end of the script."""
        self.projector.run(self.feed.over)


def nothing() -> None:
    """Go on."""


def raising(error: Exception) -> Callable[[], None]:
    """Fail so."""

    def fail() -> None:
        raise error

    return fail


def test_it_goes_on_until_it_is_told_to_stop(scene: Scene) -> None:
    loop = Loop(scene, lambda: scene.fill("s", 2), nothing, lambda: scene.fill("s", 1))

    loop.run()

    assert scene.total("s") == 111
    assert loop.feed.acknowledged == 3
    assert all(loop.feed.timeouts)  # it waits in the poll, not in a spin
    assert loop.pauses == []


def test_it_takes_no_more_than_its_batch(scene: Scene) -> None:
    scene.fill("s", 5)
    projector = Projector(
        InMemoryEventFeed(scene.memory, scene.environment), scene.consumer, scene.environment, batch=2
    )

    assert [projector.step() for _ in range(4)] == [2, 2, 1, 0]

    assert scene.total("s") == 11_111


@pytest.mark.parametrize(
    "error", [FeedUnavailable("no broker"), ProjectionUnavailable("no database"), StoreUnavailable("no table")]
)
def test_what_is_away_is_waited_for_and_then_it_goes_on(scene: Scene, error: Exception) -> None:
    loop = Loop(scene, lambda: scene.fill("s", 1), *[raising(error)] * 3, lambda: scene.fill("s", 1))

    loop.run()

    assert scene.total("s") == 11
    assert loop.troubles == [f"{type(error).__name__}: {error}"] * 3
    assert loop.projector.trouble == ""
    assert scene.projections.parked_streams() == []


def test_a_batch_that_met_a_database_away_is_not_acknowledged_and_comes_again(scene: Scene) -> None:
    def goes() -> None:
        scene.fill("s", 2)
        scene.projections.batches_left = 0

    def comes_back() -> None:
        assert loop.feed.acknowledged == 0
        scene.projections.batches_left = None

    loop = Loop(scene, goes, nothing, comes_back)

    loop.run()

    assert scene.total("s") == 11
    assert loop.feed.acknowledged == 2
    assert len(loop.pauses) == 2


def test_a_store_that_is_away_while_a_gap_is_read_is_waited_for(scene: Scene) -> None:
    scene.fill("s", 3)
    scene.ring("s", 1)

    def goes() -> None:
        scene.fill("s", 1)
        loop.feed._feed.acknowledge(loop.feed._feed.poll(3))  # the feed has lost what is before the newest event
        scene.store.fails_after = 2

    def comes_back() -> None:
        scene.store.fails_after = None

    loop = Loop(scene, goes, comes_back)

    loop.run()

    assert scene.total("s") == 1_111
    assert scene.projections.parked_streams() == []
    assert len(loop.pauses) == 1


def test_pauses_grow_up_to_the_longest_and_start_again_after_work(scene: Scene) -> None:
    loop = Loop(scene, *[raising(FeedUnavailable())] * 8, nothing, raising(FeedUnavailable()))

    loop.run()

    growing = [min(SHORTEST_PAUSE * 2**number, LONGEST_PAUSE) for number in range(8)]
    assert loop.pauses == [*growing, SHORTEST_PAUSE]
    assert loop.pauses[-2] == LONGEST_PAUSE


def test_what_is_no_outage_is_not_waited_for(scene: Scene) -> None:
    loop = Loop(scene, raising(ZeroDivisionError()), nothing)

    with pytest.raises(ZeroDivisionError):
        loop.run()


@pytest.mark.parametrize("failpoint", ["consumer.before_effect", "consumer.before_checkpoint"])
def test_a_crash_ends_the_loop_and_the_next_life_takes_the_batch_again(scene: Scene, failpoint: str) -> None:
    scene.fill("s", 2)
    feed = InMemoryEventFeed(scene.memory, scene.environment)
    scene.failpoints.armed[failpoint] = [crash]
    with pytest.raises(Crash):
        Projector(feed, scene.consumer, scene.environment).run(lambda: False)

    Projector(feed, scene.new_consumer(), scene.environment).step()

    assert scene.total("s") == 11
    assert feed.poll(10) == []


def test_a_batch_that_takes_too_long_is_halved_until_it_goes_through(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.fill("s", 1)
    for number in range(20):
        scene.fill(f"s-{number}", 1)
    sizes: list[int] = []
    handle = scene.consumer.handle

    def slow(deliveries: Sequence[Delivery]) -> None:
        sizes.append(len(deliveries))
        if len(deliveries) > 3:
            raise ProjectionUnavailable("terminated: it was idle in a transaction")
        handle(deliveries)

    monkeypatch.setattr(scene.consumer, "handle", slow)
    loop = Loop(scene, *[lambda: None] * 30)
    loop.run()

    assert sizes[:9] == [21, 21, 21, 21, 21, 15, 7, 3, 6]  # of 500, 250, 125, 62, 31 that it may have
    assert all(scene.version(f"s-{number}") == 1 for number in range(20))
    assert loop.feed.acknowledged == 21
