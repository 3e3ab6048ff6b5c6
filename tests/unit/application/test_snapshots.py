"""Snapshots shorten a load; they never decide what is true, and losing one costs nothing but time."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.inmemory.snapshot_store import InMemorySnapshotStore
from core.application.products import AddStock
from core.domain.inventory import Inventory, StockAdded
from core.ports.event_store import StoreUnavailable, StreamDamaged
from core.ports.snapshot_store import Snapshot
from tests.support.commits import adding
from tests.unit.application.shop import BEGIN, CODEC, Shop

STREAM = "inventory-tea"


def with_events(count: int, shop: Shop | None = None) -> Shop:
    """Give a shop whose stock of tea has so many events of one unit each."""
    shop = shop or Shop()
    shop.stock("tea", units=1)
    for version in range(1, count):
        shop.disk.commit(adding(StockAdded("tea", 1, BEGIN), to=STREAM, at_version=version))
    return shop


def total(shop: Shop) -> int:
    return shop.repository.load(Inventory, STREAM, fresh=True).state.total


def test_a_snapshot_is_saved_at_each_multiple_of_50() -> None:
    shop, saved = with_events(48), []

    for version in range(49, 102):
        shop.run(AddStock("tea", 1))
        snapshot = shop.snapshots.load(STREAM)
        if snapshot and snapshot.version == version:
            saved.append(version)

    assert saved == [50, 100]


def test_a_snapshot_holds_the_state_after_its_version() -> None:
    shop = with_events(49)
    shop.run(AddStock("tea", 7))

    snapshot = shop.snapshots.load(STREAM)

    assert snapshot is not None
    assert replace(snapshot, state=b"") == Snapshot(STREAM, "Inventory", 50, 1, b"", BEGIN)
    assert CODEC.decode(snapshot.state, Inventory) == Inventory("tea", 56, 0)


def test_a_commit_that_passes_the_multiple_without_meeting_it_saves_one_too() -> None:
    shop = Shop()

    shop.repository.confirm(STREAM, 48, 49, Inventory("tea", 1), 0.0)
    assert shop.snapshots.load(STREAM) is None
    shop.repository.confirm(STREAM, 49, 52, Inventory("tea", 2), 0.0)

    saved = shop.snapshots.load(STREAM)
    assert saved is not None
    assert saved.version == 52


def test_a_load_begins_at_the_snapshot_and_reads_the_tail_from_its_version() -> None:
    shop = with_events(49)
    shop.run(AddStock("tea", 1))
    shop.run(AddStock("tea", 1))
    shop.store.calls.clear()

    assert total(shop) == 51
    assert shop.store.calls == [f"read {STREAM} from 50"]


def test_a_snapshot_of_the_newest_version_is_enough() -> None:
    shop = with_events(49)
    shop.run(AddStock("tea", 1))

    loaded = shop.repository.load(Inventory, STREAM, fresh=True)

    assert (loaded.version, loaded.state.total) == (50, 50)


TRUE = Snapshot(STREAM, "Inventory", 50, 1, CODEC.encode(Inventory("tea", 9_999)), BEGIN)
"""A snapshot as it should be, save that its total gives away that it was used."""


@pytest.mark.parametrize(
    "snapshot",
    [
        replace(TRUE, state=b"garbage"),
        replace(TRUE, state=b"\xff"),
        replace(TRUE, state=b'{"total":"many"}'),
        replace(TRUE, schema_version=0),
        replace(TRUE, schema_version=2),
        replace(TRUE, aggregate_type="Product"),
        replace(TRUE, version=53),
        replace(TRUE, version=10_000),
    ],
    ids=[
        "unreadable",
        "no UTF-8",
        "of another shape",
        "outdated",
        "of newer code",
        "foreign",
        "one too new",
        "too new",
    ],
)
def test_a_snapshot_that_cannot_be_used_is_ignored(snapshot: Snapshot) -> None:
    shop = with_events(52)
    shop.snapshots.save(snapshot)

    assert total(shop) == 52


def test_a_snapshot_that_can_be_used_is_used() -> None:
    shop = with_events(52)
    shop.snapshots.save(TRUE)

    assert total(shop) == 9_999 + 2


class Unreachable(InMemorySnapshotStore):
    """The real store behind a network that is down."""

    def load(self, stream: str) -> Snapshot | None:
        del stream
        raise StoreUnavailable

    def save(self, snapshot: Snapshot) -> bool:
        del snapshot
        raise StoreUnavailable


def test_a_snapshot_store_that_cannot_be_reached_never_fails_a_command() -> None:
    shop = with_events(49, Shop(snapshots=Unreachable()))

    shop.run(AddStock("tea", 1))
    shop.run(AddStock("tea", 1))

    assert total(shop) == 51


def test_a_snapshot_is_saved_whatever_the_numbers_of_an_odd_history_came_to() -> None:
    shop = with_events(48)
    shop.disk.commit(adding(StockAdded("tea", -(2**70), BEGIN), to=STREAM, at_version=48))

    shop.run(AddStock("tea", 1))

    assert total(shop) == 49 - 2**70
    assert shop.snapshots.load(STREAM) is not None


@pytest.mark.parametrize("hole", [50, 51, 60])
def test_a_hole_from_the_snapshot_on_is_damage_and_nothing_is_folded_on(hole: int) -> None:
    shop = with_events(70)
    shop.snapshots.save(TRUE)
    del shop.disk._streams[STREAM][hole - 1]

    with pytest.raises(StreamDamaged) as damaged:
        shop.run(AddStock("tea", 1))

    assert (damaged.value.stream, damaged.value.version) == (STREAM, hole)


def test_a_hole_is_damage_without_a_snapshot_too() -> None:
    shop = with_events(5)
    del shop.disk._streams[STREAM][2]

    with pytest.raises(StreamDamaged):
        shop.run(AddStock("tea", 1))


def test_where_something_lives_on_after_the_answer_snapshots_are_saved_after_it() -> None:
    tasks: list[Callable[[], None]] = []
    shop = with_events(49)
    shop.repository._later = tasks.append

    shop.run(AddStock("tea", 1))

    assert shop.snapshots.load(STREAM) is None
    shop.run(AddStock("tea", 1))  # what is saved later is still the state at 50
    (task,) = tasks
    task()
    saved = shop.snapshots.load(STREAM)
    assert saved is not None
    assert CODEC.decode(saved.state, Inventory).total == 50
