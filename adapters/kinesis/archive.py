"""An archive of change records, put in order so that it can be read like a store of events."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from adapters.kinesis.archive_files import ArchivedRecord
from adapters.kinesis.records import decode
from adapters.serialization.recording import unbroken
from core.ports.event_feed import Doorbell
from core.ports.events import Codec, RecordedEvent

# Records lie there in any order and more than once; SQLite puts them in order on disk, whatever there is of them.
TABLE = """
CREATE TABLE records (stream TEXT NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (stream, version))
WITHOUT ROWID
"""
ADD = "INSERT INTO records VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
KEPT = "SELECT id FROM records WHERE stream = ? AND version = ?"
ONE = "SELECT data FROM records WHERE stream = ? AND version = ?"
STREAM = "SELECT data FROM records WHERE stream = ? AND version >= ? ORDER BY version"
ALL = "SELECT data FROM records ORDER BY stream, version"


class Archive:
    """The events of an archive, which `add` is given.

    `counts` says what its records were: `events`, `duplicate`, `contradiction` (another event at the same place), `without image`,
    `unreadable`, and `other`, which are of another table or tell of no new event.
    """

    def __init__(self, file: Path, table: str, codec: Codec) -> None:
        """Begin empty, in a new file; the records of other tables are none of this archive."""
        self._table = table
        self._codec = codec
        self._database = sqlite3.connect(file, check_same_thread=False)
        # Nobody needs the file after a crash.
        self._database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {TABLE}")
        self.counts: Counter[str] = Counter()

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    def add(self, records: Iterable[ArchivedRecord]) -> Iterator[int]:
        """Take records in; give the number of those so far after each thousand, and at the end."""
        number = 0
        for number, record in enumerate(records, 1):
            self.counts[self._add(record)] += 1
            if not number % 1_000:
                yield number
        self._database.commit()
        yield number

    def _add(self, record: ArchivedRecord) -> str:
        carried = decode(record.data, self._table, self._codec, record.position)
        if carried is None:
            return "other"
        doorbell = carried.delivery
        if not isinstance(doorbell, Doorbell):
            return "unreadable"
        if doorbell.event is None:
            return "without image"
        key = (doorbell.stream, doorbell.version)
        if self._database.execute(ADD, [*key, doorbell.event.id, record.data]).rowcount:
            return "events"
        (kept,) = self._database.execute(KEPT, key).fetchone()
        return "duplicate" if kept == doorbell.event.id else "contradiction"

    def find(self, stream: str, version: int) -> RecordedEvent | None:
        """Look one event up; None where the archive lacks it."""
        found = self._database.execute(ONE, [stream, version]).fetchone()
        return self._event(found[0]) if found else None

    def read(self, stream: str, from_version: int = 1) -> Iterator[RecordedEvent]:
        """Give a stream's events in version order.

        Raises:
            StreamDamaged: the archive has a hole there.
        """
        rows = self._database.execute(STREAM, [stream, from_version])
        yield from unbroken((self._event(data) for (data,) in rows), from_version)

    def replay(self, segment: int = 0, _segments: int = 1) -> Iterator[RecordedEvent]:
        """Give all events, stream by stream, each up to its first hole. All of them are in segment 0."""
        rows = () if segment else self._database.execute(ALL)
        for _, events in groupby((self._event(data) for (data,) in rows), key=lambda event: event.stream):
            for version, event in enumerate(events, 1):
                if event.version != version:
                    break
                yield event

    def _event(self, data: bytes) -> RecordedEvent:
        carried = decode(data, self._table, self._codec, "")
        assert carried  # noqa: S101 - it was read once
        assert isinstance(carried.delivery, Doorbell)  # noqa: S101
        assert carried.delivery.event  # noqa: S101
        return carried.delivery.event
