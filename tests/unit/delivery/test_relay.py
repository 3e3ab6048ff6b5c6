"""The outbox relay: a crash repeats and never skips, first deliveries are in order, and a broker that is away is waited for."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from adapters.inmemory import InMemoryEventStore, InMemoryOutbox
from core.delivery.relay import STREAMS, Relay
from core.ports.event_publisher import PublishFailed
from core.ports.event_store import StoreUnavailable
from core.ports.events import RecordedEvent
from tests.support.commits import adding, stock_added, versions
from tests.support.environment import armed_environment
from tests.unit.delivery.scene import CODEC, Crash, crash

Place = tuple[str, int]


class Broker:
    """A broker that refuses these places, or loses the acknowledgement of what it took; `away` calls it is not there at all."""

    def __init__(self) -> None:
        """Take everything."""
        self.taken: list[Place] = []
        self.calls: list[list[Place]] = []
        self.refused: set[Place] = set()
        self.unheard: set[Place] = set()
        self.away = 0

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Take what is not refused."""
        self.calls.append([place_of(event) for event in events])
        if self.away:
            self.away -= 1
            raise PublishFailed(events, "nobody answers")
        self.taken += [place_of(event) for event in events if place_of(event) not in self.refused]
        if failed := [event for event in events if place_of(event) in self.refused | self.unheard]:
            raise PublishFailed(failed, "refused")

    def close(self) -> None:
        """Do nothing."""


def place_of(event: RecordedEvent) -> Place:
    return event.stream, event.version


class Scene:
    """An event store with its outbox, a broker, and relays between the two."""

    def __init__(self) -> None:
        """Start empty."""
        self.environment, self.failpoints = armed_environment()
        self.outbox = InMemoryOutbox()
        self.store = InMemoryEventStore(CODEC, self.environment, self.outbox.mark)
        self.broker = Broker()
        self.relay = Relay(self.outbox, self.broker, self.environment)

    def write(self, stream: str, events: int = 1) -> None:
        """Append events."""
        head = len(versions(self.store, stream))
        self.store.commit(adding(*[stock_added()] * events, to=stream, at_version=head))

    def marked(self) -> list[Place]:
        """Give what is still to be relayed."""
        with self.outbox.turn(STREAMS) as turn:
            return [place_of(event) for run in turn.runs for event in run]


@pytest.fixture
def scene() -> Scene:
    """Give an empty one."""
    return Scene()


def test_what_is_marked_is_published_and_then_unmarked(scene: Scene) -> None:
    scene.write("s", 2)
    scene.write("t")

    assert scene.relay.step() == 3

    assert sorted(scene.broker.taken) == [("s", 1), ("s", 2), ("t", 1)]
    assert scene.marked() == []
    assert scene.relay.counts == {"acknowledged": 3}
    assert scene.relay.step() == 0


def test_each_event_is_acknowledged_before_the_next_of_its_stream_is_sent(scene: Scene) -> None:
    scene.write("s", 3)
    scene.write("t", 2)

    scene.relay.step()

    assert scene.broker.calls == [[("s", 1), ("t", 1)], [("s", 2), ("t", 2)], [("s", 3)]]


def test_a_hot_stream_does_not_hold_up_the_others(scene: Scene) -> None:
    scene.write("hot", 40)
    scene.write("t")

    scene.relay.step()

    assert scene.broker.taken == [("hot", 1), ("t", 1), *(("hot", version) for version in range(2, 11))]
    assert scene.marked() == [("hot", version) for version in range(11, 21)]


def test_a_run_that_fails_in_the_middle_unmarks_what_was_acknowledged_of_it(scene: Scene) -> None:
    scene.write("s", 4)
    scene.write("t", 4)
    scene.broker.refused = {("s", 3)}

    with pytest.raises(PublishFailed):
        scene.relay.step()

    assert scene.marked() == [("s", 3), ("s", 4)]
    assert ("s", 4) not in scene.broker.taken
    assert scene.relay.counts == {"acknowledged": 6, "failed": 1}


def test_an_event_whose_acknowledgement_is_lost_is_published_again(scene: Scene) -> None:
    scene.write("s", 2)
    scene.broker.unheard = {("s", 1)}

    with pytest.raises(PublishFailed):
        scene.relay.step()
    scene.broker.unheard = set()
    scene.relay.step()

    assert scene.broker.taken == [("s", 1), ("s", 1), ("s", 2)]


def test_a_stream_that_can_never_be_published_holds_up_nobody_else(scene: Scene) -> None:
    scene.write("stuck")
    scene.broker.refused = {("stuck", 1)}
    for number in range(3):
        scene.write(f"s-{number}")
        with pytest.raises(PublishFailed):
            scene.relay.step()

    assert scene.broker.taken == [("s-0", 1), ("s-1", 1), ("s-2", 1)]
    assert scene.marked() == [("stuck", 1)]


@pytest.mark.parametrize("point", ["publish.before", "publish.after", "relay.before_unmark"])
@pytest.mark.parametrize("passed", [0, 1])
def test_a_crash_repeats_and_never_skips(scene: Scene, point: str, passed: int) -> None:
    scene.write("s", 3)
    scene.write("t", 2)
    points: list[Callable[[], None]] = [lambda: None] * passed
    scene.failpoints.armed[point] = [*points, crash]
    crashed = point != "relay.before_unmark" or not passed
    if crashed:
        with pytest.raises(Crash):
            scene.relay.step()
    else:  # a turn passes that point once
        scene.relay.step()
        scene.write("s")
        with pytest.raises(Crash):
            scene.relay.step()

    scene.failpoints.armed.clear()
    Relay(scene.outbox, scene.broker, scene.environment).step()

    first = list(dict.fromkeys(scene.broker.taken))
    for stream in ("s", "t"):
        assert [version for each, version in first if each == stream] == versions(scene.store, stream)
    assert scene.marked() == []
    assert len(scene.broker.taken) > len(first) or point == "publish.before"


def test_a_broker_that_is_away_is_waited_for(scene: Scene) -> None:
    scene.write("s")
    scene.broker.away = 6
    waits, troubles = list[float](), list[str]()

    def wait(_condition: Callable[[], bool], seconds: float) -> bool:
        waits.append(seconds)
        troubles.append(relay.trouble)
        return False

    relay = Relay(scene.outbox, scene.broker, replace(scene.environment, wait=wait, jitter=lambda most: most))
    relay.run(lambda: len(waits) == 7)

    assert scene.broker.taken == [("s", 1)]
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 0.2]
    assert troubles == ["PublishFailed: 1 events were not acknowledged: nobody answers"] * 6 + [""]


def test_a_stream_that_can_never_be_published_slows_nobody_else_down(scene: Scene) -> None:
    scene.write("stuck")
    scene.write("hot", 35)
    scene.broker.refused = {("stuck", 1)}
    waits, troubles = list[float](), list[str]()

    def wait(_condition: Callable[[], bool], seconds: float) -> bool:
        waits.append(seconds)
        troubles.append(relay.trouble)
        return False

    relay = Relay(scene.outbox, scene.broker, replace(scene.environment, wait=wait, jitter=lambda most: most))
    relay.run(lambda: len(waits) == 2)

    assert len(scene.broker.taken) == 35
    assert waits == [0.1, 0.2]  # both when nothing else was left
    assert troubles == ["PublishFailed: 1 events were not acknowledged: refused"] * 2
    assert relay.counts == {"acknowledged": 35, "failed": 6}


def test_a_store_that_is_away_is_waited_for(scene: Scene) -> None:
    scene.write("s")
    scene.failpoints.armed["relay.before_unmark"] = [lambda: raising(StoreUnavailable("no connection"))]
    relay = Relay(scene.outbox, scene.broker, replace(scene.environment, wait=lambda *_: False))

    relay.run(lambda: bool(scene.broker.taken) and not scene.marked())

    assert scene.broker.taken == [("s", 1)] * 2


def raising(error: Exception) -> None:
    """Raise it, from an armed failpoint."""
    raise error
