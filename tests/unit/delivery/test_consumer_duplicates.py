"""The consumer rule of `docs/delivery.md`, step 4: at the cursor and behind it, duplicates are dropped and ghosts found out."""

from core.ports.event_feed import Doorbell
from core.ports.projection_store import Cursor
from tests.unit.delivery.scene import Scene


def test_a_doorbell_behind_the_cursor_is_dropped(scene: Scene) -> None:
    scene.fill("s", 3)
    scene.ring("s", 1, 2, 3)

    scene.ring("s", 1, 2)

    assert (scene.version("s"), scene.total("s")) == (3, 111)
    assert scene.counts() == {"applied": 3, "duplicate": 2}


def test_a_doorbell_behind_the_cursor_is_dropped_unread_even_without_its_image(scene: Scene) -> None:
    scene.fill("s", 3)
    scene.ring("s", 1, 2, 3)

    scene.ring_without_image("s", 2)

    assert scene.store.reads == []
    assert scene.counts()["duplicate"] == 1


def test_the_event_at_the_cursor_is_a_duplicate_and_is_dropped_unread(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.ring("s", 1, 2)

    scene.ring("s", 2)

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert scene.store.reads == []
    assert scene.counts() == {"applied": 2, "duplicate": 1}


def test_whether_a_doorbell_without_an_image_is_a_duplicate_is_read_in_the_store(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.ring("s", 1, 2)

    scene.ring_without_image("s", 2)

    assert scene.store.reads == [("s", 2)]
    assert scene.total("s") == 11
    assert scene.counts() == {"applied": 2, "duplicate": 1}


def test_an_event_that_comes_twice_in_one_batch_is_applied_once(scene: Scene) -> None:
    scene.fill("s", 2)

    scene.ring("s", 1, 2, 2, 1, 2)

    assert scene.total("s") == 11


def test_another_event_at_the_cursor_has_the_stream_refolded_and_is_counted(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.consumer.handle([scene.doorbell("s", 1), scene.ghost("s", 2)])  # the ghost came first and was applied
    assert scene.total("s") == 8

    scene.ring("s", 2)

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert scene.counts()["refolded"] == 1


def test_a_ghost_at_the_cursor_has_the_stream_refolded_from_the_store(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.ring("s", 1, 2)

    scene.consumer.handle([scene.ghost("s", 2)])

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert scene.counts() == {"applied": 4, "refolded": 1}


def test_a_doorbell_at_the_cursor_whose_event_is_gone_has_the_stream_refolded(scene: Scene) -> None:
    scene.fill("s", 3)
    scene.ring("s", 1, 2, 3)
    scene.cut("s", 2)

    scene.ring_without_image("s", 3)

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert scene.counts()["refolded"] == 1


def test_a_doorbell_whose_event_the_store_does_not_have_has_the_stream_refolded(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.ring("s", 1, 2)

    scene.ring_without_image("s", 3)

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert scene.counts() == {"applied": 4, "refolded": 1}


def test_a_ghost_far_ahead_has_the_stream_refolded_to_what_is_stored(scene: Scene) -> None:
    scene.fill("s", 2)

    scene.consumer.handle([scene.ghost("s", 9)])

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert scene.counts()["refolded"] == 1


def test_a_cursor_beyond_the_head_of_the_store_has_the_stream_refolded(scene: Scene) -> None:
    scene.fill("s", 5)
    scene.ring("s", 1, 2, 3, 4, 5)
    scene.cut("s", 2)

    scene.ring_without_image("s", 7)

    assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert scene.counts()["refolded"] == 1


def test_a_refolded_stream_goes_on_from_the_head_of_the_store(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.consumer.handle([scene.doorbell("s", 1), scene.ghost("s", 2), scene.ghost("s", 3)])
    scene.ring_without_image("s", 3)
    scene.fill("s", 1)

    scene.ring("s", 3)

    assert (scene.version("s"), scene.total("s")) == (3, 111)


def test_a_stream_without_events_loses_its_row_and_its_cursor(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.ring("s", 1, 2)
    doorbell = scene.doorbell("s", 2)
    scene.cut("s", 0)

    scene.consumer.handle([Doorbell("s", 3, doorbell.event, "3"), Doorbell("s", 4, None, "4")])

    assert scene.cursor("s") == Cursor()
    assert scene.projections.row("s") is None
    assert scene.counts()["refolded"] == 1


def test_a_doorbell_of_a_stream_that_never_was_leaves_nothing_behind(scene: Scene) -> None:
    scene.ring_without_image("s", 1)

    assert (scene.cursor("s"), scene.projections.row("s"), scene.parked("s")) == (Cursor(), None, None)
