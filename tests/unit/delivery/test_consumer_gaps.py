"""The consumer rule of `docs/delivery.md`, step 5: what comes right after the cursor is applied, a gap is read."""

from tests.unit.delivery.scene import Scene


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
