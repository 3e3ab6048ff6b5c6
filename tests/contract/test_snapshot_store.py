"""What every snapshot store owes, as `core.ports.snapshot_store` says it."""

from dataclasses import replace

from core.ports.snapshot_store import Snapshot, SnapshotStore
from tests.support.commits import AT

SNAPSHOT = Snapshot("s", "Product", 50, 3, '{"name":"煎茶"}'.encode(), AT)


def test_a_snapshot_is_read_back_as_it_was_saved(snapshots: SnapshotStore) -> None:
    assert snapshots.save(SNAPSHOT)

    assert snapshots.load("s") == SNAPSHOT


def test_a_stream_without_a_snapshot_has_none(snapshots: SnapshotStore) -> None:
    snapshots.save(SNAPSHOT)

    assert snapshots.load("another") is None


def test_a_newer_snapshot_replaces_an_older_one(snapshots: SnapshotStore) -> None:
    newer = replace(SNAPSHOT, version=100, state=b"{}")
    snapshots.save(SNAPSHOT)

    assert snapshots.save(newer)

    assert snapshots.load("s") == newer


def test_a_snapshot_never_goes_back(snapshots: SnapshotStore) -> None:
    snapshots.save(SNAPSHOT)

    assert not snapshots.save(replace(SNAPSHOT, version=49, state=b"{}"))
    assert not snapshots.save(replace(SNAPSHOT, state=b"{}"))

    assert snapshots.load("s") == SNAPSHOT


def test_versions_are_compared_as_numbers(snapshots: SnapshotStore) -> None:
    snapshots.save(replace(SNAPSHOT, version=99))

    assert snapshots.save(replace(SNAPSHOT, version=100))


def test_each_stream_has_its_own_snapshot(snapshots: SnapshotStore) -> None:
    other = replace(SNAPSHOT, stream="t", version=1)
    snapshots.save(SNAPSHOT)

    assert snapshots.save(other)

    assert (snapshots.load("s"), snapshots.load("t")) == (SNAPSHOT, other)
