"""The consumer rule of `docs/delivery.md`: what a doorbell needs, and how far it moves the cursor.

Step 3 is in `test_poison`, step 4 in `test_consumer_duplicates`, step 5 in `test_consumer_gaps`.
"""

from random import Random

import pytest

from core.domain.inventory import StockAdded
from core.ports.event_feed import Doorbell, Unreadable
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
