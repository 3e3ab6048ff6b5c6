"""The consumer rule of `docs/delivery.md`, step by step: what a doorbell does to its stream."""

from random import Random

import pytest

from core.domain.inventory import StockAdded
from core.ports.event_feed import Doorbell, Unreadable
from core.ports.projection_store import Cursor
from tests.support.commits import AT
from tests.unit.delivery.scene import Scene

# Step 1: the keys are enough.


def test_a_record_whose_keys_cannot_be_read_is_kept_with_its_position(scene: Scene) -> None:
    scene.consumer.handle([Unreadable("shard-1/77", "no keys")])

    assert scene.projections.unreadable_records() == [("shard-1/77", "no keys")]
    assert scene.counts() == {"unreadable": 1}


def test_an_unreadable_record_does_not_stop_what_came_with_it(scene: Scene) -> None:
    scene.fill("s", 1)

    scene.consumer.handle([Unreadable("1", "no keys"), scene.doorbell("s", 1), Unreadable("2", "no JSON")])

    assert scene.total("s") == 1
    assert scene.projections.unreadable_records() == [("1", "no keys"), ("2", "no JSON")]


def test_a_record_whose_image_cannot_be_read_is_still_a_doorbell(scene: Scene) -> None:
    scene.fill("s", 1)

    scene.ring_without_image("s", 1)

    assert (scene.version("s"), scene.total("s")) == (1, 1)


def test_an_unreadable_image_in_the_middle_of_a_batch_is_read_from_the_store(scene: Scene) -> None:
    scene.fill("s", 3)

    scene.consumer.handle([scene.doorbell("s", 1), Doorbell("s", 2, None, "2"), scene.doorbell("s", 3)])

    assert (scene.version("s"), scene.total("s")) == (3, 111)


def test_an_empty_batch_changes_nothing(scene: Scene) -> None:
    scene.consumer.handle([])

    assert scene.counts() == {}


# Step 4: at the cursor and behind it.


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


# Step 5: right after the cursor, and beyond a gap.


def test_the_event_after_the_cursor_is_applied_without_any_read(scene: Scene) -> None:
    scene.fill("s", 3)

    for version in (1, 2, 3):
        scene.ring("s", version)

    assert (scene.version("s"), scene.total("s")) == (3, 111)
    assert scene.store.reads == []
    assert scene.counts() == {"applied": 3}


def test_a_run_of_events_is_applied_without_any_read_in_whatever_order_it_came(scene: Scene) -> None:
    scene.fill("s", 5)

    scene.ring("s", 4, 1, 3, 5, 2, 3)

    assert (scene.version("s"), scene.total("s")) == (5, 11_111)
    assert scene.store.reads == []


def test_many_streams_of_a_batch_are_applied_without_any_read(scene: Scene) -> None:
    for stream in "abc":
        scene.fill(stream, 2)

    scene.consumer.handle([scene.doorbell(stream, version) for version in (2, 1) for stream in "cab"])

    assert [scene.total(stream) for stream in "abc"] == [11, 11, 11]
    assert scene.store.reads == []


def test_a_gap_is_read_from_the_version_of_the_cursor_on_and_the_rest_applied_in_order(scene: Scene) -> None:
    scene.fill("s", 6)
    scene.ring("s", 1, 2)
    scene.fold.folded.clear()

    scene.ring("s", 5)

    assert scene.store.reads == [("s", 2)]
    assert scene.fold.folded == [("s", 3), ("s", 4), ("s", 5), ("s", 6)]
    assert (scene.version("s"), scene.total("s")) == (6, 111_111)
    assert scene.counts() == {"applied": 6, "healed": 1}


def test_a_gap_before_anything_was_seen_is_read_from_the_beginning(scene: Scene) -> None:
    scene.fill("s", 4)

    scene.ring("s", 3)

    assert scene.store.reads == [("s", 1)]
    assert (scene.version("s"), scene.total("s")) == (4, 1_111)


def test_doorbells_that_come_after_their_gap_was_read_are_dropped(scene: Scene) -> None:
    scene.fill("s", 4)
    scene.ring("s", 4)

    scene.ring("s", 1, 2, 3, 4)

    assert scene.total("s") == 1_111
    assert scene.counts() == {"applied": 4, "healed": 1, "duplicate": 4}


def test_a_gap_within_a_batch_is_read_too(scene: Scene) -> None:
    scene.fill("s", 4)

    scene.ring("s", 1, 2, 4)

    assert scene.store.reads == [("s", 1)]
    assert (scene.version("s"), scene.total("s")) == (4, 1_111)


def test_where_the_event_at_the_cursor_is_another_a_gap_has_the_stream_refolded(scene: Scene) -> None:
    scene.fill("s", 4)
    scene.consumer.handle([scene.doorbell("s", 1), scene.ghost("s", 2)])

    scene.ring("s", 4)

    assert (scene.version("s"), scene.total("s")) == (4, 1_111)
    assert scene.counts()["refolded"] == 1


def test_of_two_doorbells_with_different_events_for_one_version_the_store_decides(scene: Scene) -> None:
    scene.fill("s", 2)

    for order in ([1, -1], [-1, 1]):
        scene.projections = type(scene.projections)(scene.environment)
        scene.consumer = scene.new_consumer()
        doorbells = [scene.doorbell("s", 2), scene.ghost("s", 2)][:: order[0]]
        scene.consumer.handle([scene.doorbell("s", 1), *doorbells])

        assert (scene.version("s"), scene.total("s")) == (2, 11)
    assert scene.store.reads == [("s", 1)] * 2


# Step 6: the cursor moves over everything.


def test_the_cursor_moves_over_events_of_unknown_types(scene: Scene) -> None:
    scene.fill("s", 3)
    scene.replace("s", 2, type="StockBlessed", data=b"{}")

    scene.ring("s", 1)
    scene.ring("s", 2)
    assert (scene.version("s"), scene.total("s")) == (2, 1)
    scene.ring("s", 3)

    assert (scene.version("s"), scene.total("s")) == (3, 101)
    assert scene.store.reads == []


def test_the_cursor_moves_over_events_of_unknown_aggregates_and_no_row_is_made(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.replace("s", 1, aggregate_type="Blessing")
    scene.replace("s", 2, aggregate_type="Blessing", data=b"not even JSON")

    scene.ring("s", 1, 2)

    assert scene.version("s") == 2
    assert scene.projections.row("s") is None
    assert scene.parked("s") is None


def test_an_unknown_type_at_the_beginning_makes_no_row_until_something_is_known(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.replace("s", 1, type="StockBlessed")

    scene.ring("s", 1)
    assert scene.projections.row("s") is None
    scene.ring("s", 2)

    assert (scene.version("s"), scene.total("s")) == (2, 10)


def test_events_that_change_nothing_move_the_cursor_as_well(scene: Scene) -> None:
    scene.write("s", StockAdded("s", 5, AT), StockAdded("s", 0, AT))

    scene.ring("s", 1)
    scene.ring("s", 2)

    assert (scene.version("s"), scene.total("s")) == (2, 5)


@pytest.mark.parametrize("seed", range(20))
def test_any_order_and_any_repetition_makes_the_same_row(scene: Scene, seed: int) -> None:
    scene.fill("s", 8)
    random = Random(seed)
    versions = [*range(1, 9), *random.choices(range(1, 9), k=8)]
    random.shuffle(versions)

    while versions:
        taken = [versions.pop() for _ in range(min(random.randint(1, 4), len(versions)))]
        scene.ring("s", *taken)

    assert (scene.version("s"), scene.total("s")) == (8, 11_111_111)
