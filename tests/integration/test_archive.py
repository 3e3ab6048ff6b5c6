"""An archive of change records: read whatever way Firehose wrote it, held against the store, and rebuilt from."""

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import SupportsIndex

import pytest

from adapters.inmemory import InMemoryEventStore
from adapters.kinesis.archive import Archive
from adapters.kinesis.archive_files import ArchiveProblem, records_in_folder, records_of
from adapters.serialization.codec import JsonCodec
from core.delivery.lake import NOT_YET, lacking
from core.ports.event_store import StreamDamaged
from core.ports.events import RecordedEvent
from tests.support.archive import archive as write_archive
from tests.support.commits import AT, adding, fill, stock_added
from tests.support.environment import armed_environment

LATER = AT + timedelta(days=1)


@pytest.fixture
def store() -> InMemoryEventStore:
    """Give a store with streams of several lengths."""
    store = InMemoryEventStore(JsonCodec(), armed_environment()[0])
    for number in range(6):
        fill(store, f"s-{number}", 3 * number + 1)
    return store


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Give an empty archive."""
    with closing(Archive(tmp_path / "records", "events", JsonCodec())) as archive:
        yield archive


def taken_in(archive: Archive, folder: Path) -> Archive:
    """Read a folder."""
    list(archive.add(records_in_folder(folder)))
    return archive


def events_of(store: InMemoryEventStore) -> list[RecordedEvent]:
    """Give all events."""
    return list(store.replay())


@pytest.mark.parametrize("delimiter", ["\n", "", "\r\n", " "])
@pytest.mark.parametrize("compressed", [False, True])
def test_an_archive_has_every_event_as_the_store_has_it(
    store: InMemoryEventStore, archive: Archive, tmp_path: Path, delimiter: str, *, compressed: bool
) -> None:
    write_archive(tmp_path / "lake", store.replay(), "events", delimiter=delimiter, compressed=compressed)

    taken_in(archive, tmp_path / "lake")

    assert list(lacking(store, archive.find, LATER)) == []
    assert archive.counts["events"] == len(events_of(store))
    assert archive.counts["duplicate"] > 0
    assert sorted(archive.replay()) == sorted(events_of(store))
    for number in range(6):
        assert list(archive.read(f"s-{number}")) == list(store.read(f"s-{number}"))
    assert [event.version for event in archive.read("s-5", 14)] == [14, 15, 16]


def test_all_segments_together_have_each_event_once(
    store: InMemoryEventStore, archive: Archive, tmp_path: Path
) -> None:
    write_archive(tmp_path / "lake", store.replay(), "events")
    taken_in(archive, tmp_path / "lake")

    assert len([event for segment in range(3) for event in archive.replay(segment, 3)]) == len(events_of(store))


def test_an_event_that_an_archive_lacks_is_named(store: InMemoryEventStore, archive: Archive, tmp_path: Path) -> None:
    kept = [event for event in store.replay() if (event.stream, event.version) not in {("s-5", 16), ("s-3", 2)}]
    write_archive(tmp_path / "lake", kept, "events")

    found = list(lacking(store, taken_in(archive, tmp_path / "lake").find, LATER))

    assert {tuple(lack) for lack in found} == {("s-5", 16, "missing"), ("s-3", 2, "missing")}
    with pytest.raises(StreamDamaged):
        list(archive.read("s-3"))
    assert [event.version for event in archive.replay() if event.stream == "s-3"] == [
        1
    ]  # and the streams behind it are there
    assert [event.version for event in archive.replay() if event.stream == "s-5"][-1] == 15


def test_what_was_written_a_moment_ago_may_not_be_there_yet(
    store: InMemoryEventStore, archive: Archive, tmp_path: Path
) -> None:
    write_archive(tmp_path / "lake", store.replay(), "events")
    taken_in(archive, tmp_path / "lake")
    store.commit(adding(stock_added(), to="s-0", at_version=1))

    assert [lack.kind for lack in lacking(store, archive.find, AT + NOT_YET - timedelta(seconds=1))] == [
        "not yet there"
    ]
    assert [lack.kind for lack in lacking(store, archive.find, AT + NOT_YET)] == ["missing"]


def test_an_event_that_is_another_than_the_stores_is_named(
    store: InMemoryEventStore, archive: Archive, tmp_path: Path
) -> None:
    events = [event._replace(data=b"{}") if event.stream == "s-0" else event for event in store.replay()]
    write_archive(tmp_path / "lake", events, "events")

    found = list(lacking(store, taken_in(archive, tmp_path / "lake").find, LATER))

    assert [tuple(lack) for lack in found] == [("s-0", 1, "another event")]


def test_two_events_for_one_place_are_counted(store: InMemoryEventStore, archive: Archive, tmp_path: Path) -> None:
    first = next(store.replay())
    write_archive(tmp_path / "lake", [first, first._replace(id="another")], "events")

    taken_in(archive, tmp_path / "lake")

    assert archive.counts["contradiction"] >= 1


def test_records_of_other_tables_and_what_nobody_can_read_are_counted_and_passed_over(
    store: InMemoryEventStore, archive: Archive, tmp_path: Path
) -> None:
    write_archive(tmp_path / "lake" / "ours", store.replay(), "events")
    write_archive(tmp_path / "lake" / "theirs", [next(store.replay())], "other")
    (tmp_path / "lake" / "broken").write_bytes(b'{"eventName": \nnonsense\n\n[]\xff\n')

    taken_in(archive, tmp_path / "lake")

    assert (archive.counts["other"], archive.counts["unreadable"]) == (1, 4)
    assert list(lacking(store, archive.find, LATER)) == []


def test_a_folder_that_is_none_or_empty_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArchiveProblem, match="no folder"):
        list(records_in_folder(tmp_path / "nowhere"))
    with pytest.raises(ArchiveProblem, match="no file"):
        list(records_in_folder(tmp_path))


def test_a_compressed_file_that_is_cut_short_is_told(tmp_path: Path, store: InMemoryEventStore) -> None:
    write_archive(tmp_path, store.replay(), "events", compressed=True)
    whole = next(path for path in tmp_path.rglob("*") if path.is_file()).read_bytes()

    with pytest.raises(ArchiveProblem, match="'some-file' is damaged or not whole"):
        list(records_of(whole[:-10], "some-file"))


@pytest.mark.parametrize("place", [10, -8])
def test_a_compressed_file_that_is_damaged_is_told(place: int) -> None:
    """In its data, or in the sum of them at its end."""
    damaged = bytearray(gzip.compress(b'{"a": 1}'))
    damaged[place] ^= 0xFF

    with pytest.raises(ArchiveProblem, match="'some-file' is damaged or not whole"):
        list(records_of(bytes(damaged), "some-file"))


def watched(content: bytes, copied: list[int]) -> bytes:
    """Give a file of one line; the length of each copy of its text, or of a part of it, is noted in `copied`."""

    def noted(text: str) -> str:
        copied.append(len(text))
        return Text(text)

    class Text(str):
        __slots__ = ()

        def __getitem__(self, place: SupportsIndex | slice) -> str:
            return noted(super().__getitem__(place))

        def strip(self, chars: str | None = None) -> str:
            return noted(super().strip(chars))

        def lstrip(self, chars: str | None = None) -> str:
            return noted(super().lstrip(chars))

    class Line(bytes):
        __slots__ = ()

        def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
            return noted(super().decode(encoding, errors))

        def splitlines(self, keepends: bool = False) -> list[bytes]:  # noqa: FBT001, FBT002 - as bytes have it
            assert not keepends
            return [self]

    return Line(content)


@pytest.mark.parametrize("delimiter", [b"", b" "])
def test_each_character_of_a_file_without_line_ends_is_copied_a_few_times_whatever_its_size(delimiter: bytes) -> None:
    """Firehose writes files of 64 MB."""
    copied: list[int] = []
    content = watched((b'{"a": 1}' + delimiter) * 1000, copied)

    assert [record.data for record in records_of(content, "a file")] == [b'{"a": 1}'] * 1000
    assert len(content) <= sum(copied) <= 4 * len(content)


def test_an_archive_leaves_what_it_was_given_on_the_disk_only_while_it_is_open(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "records", "events", JsonCodec())
    archive.close()

    with pytest.raises(sqlite3.ProgrammingError):
        archive.find("s", 1)
