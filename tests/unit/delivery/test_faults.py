"""Crashes and what is away: nothing is lost by them, nothing is applied twice, and no stream is parked for them."""

import pytest

from core.delivery.projector import Projector
from core.ports.event_feed import Delivery, Unreadable
from core.ports.event_store import StoreUnavailable
from core.ports.projection_store import Cursor, CursorMoved, ProjectionUnavailable
from tests.unit.delivery.scene import Crash, Scene, crash


class OneBatch:
    """A feed that gives the same batch until it is acknowledged."""

    def __init__(self, *deliveries: Delivery) -> None:
        """Give these."""
        self.deliveries = list(deliveries)

    def poll(self, limit: int, timeout: float = 0.0) -> list[Delivery]:  # noqa: ARG002 - the port has them
        """Give them again."""
        return list(self.deliveries)

    def acknowledge(self, deliveries: object) -> None:  # noqa: ARG002 - as above
        """Give nothing from now on."""
        self.deliveries = []

    def lag_seconds(self) -> float:
        """Tell nothing of interest."""
        return 0.0

    def hindrance(self) -> str:
        """Name nobody."""
        return ""


def projector(scene: Scene, feed: OneBatch) -> Projector:
    """Give a projector with an empty memory, as after a crash."""
    scene.consumer = scene.new_consumer()
    return Projector(feed, scene.consumer, scene.environment)


def test_a_crash_before_the_effect_saves_nothing_and_the_batch_comes_again(scene: Scene) -> None:
    scene.fill("a", 2)
    scene.fill("b", 2)
    feed = OneBatch(
        *(scene.doorbell(stream, version) for stream in "ab" for version in (1, 2)), Unreadable("7", "no keys")
    )
    scene.failpoints.armed["consumer.before_effect"] = [crash]
    with pytest.raises(Crash):
        projector(scene, feed).step()
    assert (scene.cursor("a"), scene.cursor("b")) == (Cursor(), Cursor())
    assert scene.projections.all_rows() == []
    assert scene.projections.unreadable_records() == []
    assert scene.counts() == {}

    projector(scene, feed).step()

    assert (scene.total("a"), scene.total("b")) == (11, 11)
    assert scene.projections.unreadable_records() == [("7", "no keys")]
    assert feed.deliveries == []


def test_a_crash_before_the_checkpoint_is_repeated_harmlessly(scene: Scene) -> None:
    scene.fill("s", 2)
    feed = OneBatch(scene.doorbell("s", 1), scene.doorbell("s", 2), Unreadable("7", "no keys"))
    scene.failpoints.armed["consumer.before_checkpoint"] = [crash]
    with pytest.raises(Crash):
        projector(scene, feed).step()
    assert scene.total("s") == 11  # saved, and not acknowledged
    assert feed.deliveries

    projector(scene, feed).step()

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert scene.counts() == {"duplicate": 2, "unreadable": 1}
    assert scene.projections.unreadable_records() == [("7", "no keys")]
    assert feed.deliveries == []


def test_a_batch_is_acknowledged_after_its_transaction_only(scene: Scene) -> None:
    scene.fill("s", 1)
    feed = OneBatch(scene.doorbell("s", 1))

    projector(scene, feed).step()

    assert scene.failpoints.passed == [
        "write.before",
        "write.after",
        "consumer.before_effect",
        "consumer.before_checkpoint",
    ]


@pytest.mark.parametrize("reads", range(4))
def test_a_store_that_goes_away_while_a_gap_is_read_parks_nothing_and_saves_nothing(scene: Scene, reads: int) -> None:
    scene.fill("a", 1)
    scene.fill("s", 4)
    batch = [scene.doorbell("a", 1), scene.doorbell("s", 4)]
    scene.store.fails_after = reads

    with pytest.raises(StoreUnavailable):
        scene.consumer.handle(batch)

    assert scene.projections.parked_streams() == []
    assert scene.projections.all_rows() == []
    scene.store.fails_after = None
    scene.consumer.handle(batch)
    assert (scene.total("a"), scene.total("s")) == (1, 1_111)


def test_a_store_that_goes_away_in_a_refold_parks_nothing_and_the_row_stays(scene: Scene) -> None:
    scene.fill("s", 3)
    scene.ring("s", 1, 2, 3)
    scene.store.fails_after = 2

    with pytest.raises(StoreUnavailable):
        scene.consumer.handle([scene.ghost("s", 3)])

    assert (scene.version("s"), scene.total("s")) == (3, 111)
    assert scene.projections.parked_streams() == []


def test_a_store_that_goes_away_in_a_redrive_leaves_the_stream_parked_as_it_was(scene: Scene) -> None:
    scene.fill("s", 3)
    scene.fold.bugs.add(("s", 2))
    scene.ring("s", 1, 2, 3)
    before = scene.parked("s")
    scene.fold.bugs.clear()
    scene.store.fails_after = 2

    with pytest.raises(StoreUnavailable):
        scene.consumer.redrive("s")

    assert scene.parked("s") == before
    assert (scene.version("s"), scene.total("s")) == (1, 1)


def test_a_database_that_is_away_parks_nothing(scene: Scene) -> None:
    scene.fill("s", 1)
    scene.projections.batches_left = 0

    with pytest.raises(ProjectionUnavailable):
        scene.ring("s", 1)

    scene.projections.batches_left = None
    assert scene.projections.parked_streams() == []
    scene.ring("s", 1)
    assert scene.total("s") == 1


def test_a_cursor_that_another_owner_moved_fails_the_batch_and_its_repeat_drops_what_is_applied(scene: Scene) -> None:
    scene.fill("s", 2)
    batch = [scene.doorbell("s", 1), scene.doorbell("s", 2)]

    def another_owner() -> None:  # one whose lock was lost, as after a failover of the database
        scene.projections.kept().cursors["s"] = Cursor(1, scene.event("s", 1).id)

    scene.failpoints.armed["consumer.before_effect"] = [another_owner]
    with pytest.raises(CursorMoved):
        scene.consumer.handle(batch)
    assert scene.projections.row("s") is None
    assert scene.cursor("s").version == 1

    scene.projections.kept().cursors.clear()
    scene.consumer.handle(batch)

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert scene.projections.parked_streams() == []
