"""Cursors, rows and parked streams in memory."""

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import fields, is_dataclass
from typing import TypeVar

from core.ports.environment import Environment
from core.ports.projection_store import Change, Cursor, CursorMoved, Parked, Row, RowRefused

V = TypeVar("V")

BIGGEST = 2**63 - 1
"""What a BIGINT of PostgreSQL holds; memory must not hold more."""


class InMemoryProjectionStore:
    """Dictionaries that change together. Row locks are the environment's keyed locks."""

    def __init__(self, environment: Environment, projector: str = "read-models") -> None:
        """Start empty, for one projector."""
        self._environment = environment
        self._projector = projector
        self._lock = threading.Lock()
        self._cursors: dict[str, Cursor] = {}
        self._rows: dict[str, Row] = {}
        self._parked: dict[str, Parked] = {}
        self._unreadable: dict[str, str] = {}

    @contextmanager
    def transaction(self) -> Iterator["InMemoryTransaction"]:
        """Begin a batch; it commits when left without an error."""
        with ExitStack() as locks:
            transaction = InMemoryTransaction(self, locks)
            yield transaction
            self._commit(transaction)
        self._environment.wake()

    def _commit(self, transaction: "InMemoryTransaction") -> None:
        with self._lock:
            for change in transaction.changes:
                if self.cursor(change.stream) != change.before:
                    raise CursorMoved(f"the cursor of {change.stream!r} is no longer {change.before}")
            for change in transaction.changes:
                _set(self._cursors, change.stream, change.after if change.after.version else None)
                _set(self._rows, change.stream, change.row)
                _set(self._parked, change.stream, change.parked)
            for position, reason in transaction.unreadable:
                self._unreadable.setdefault(position, reason)

    def parked_streams(self) -> Sequence[Parked]:
        """List them by stream."""
        with self._lock:
            return [self._parked[stream] for stream in sorted(self._parked)]

    def unreadable_records(self) -> Sequence[tuple[str, str]]:
        """List them in the order they were met."""
        return list(self._unreadable.items())

    def cursor(self, stream: str) -> Cursor:
        """Give where a stream stands."""
        return self._cursors.get(stream, Cursor())

    def parked_at(self, stream: str) -> Parked | None:
        """Give what a stream is parked on."""
        return self._parked.get(stream)

    def row(self, stream: str) -> Row | None:
        """Give a stream's row."""
        return self._rows.get(stream)

    def all_rows(self) -> list[Row]:
        """Give every row, as of one moment."""
        with self._lock:
            return list(self._rows.values())

    def lock_streams(self, locks: ExitStack, streams: Collection[str]) -> None:
        """Hold the rows of these streams until `locks` is left."""
        locks.enter_context(self._environment.locked(f"projection {self._projector} {stream}" for stream in streams))


class InMemoryTransaction:
    """What a batch is about to change."""

    def __init__(self, store: InMemoryProjectionStore, locks: ExitStack) -> None:
        """Begin on this store; `locks` is left at the end."""
        self._store = store
        self._locks = locks
        self.changes: list[Change] = []
        self.unreadable: list[tuple[str, str]] = []

    def lock(self, streams: Collection[str]) -> Mapping[str, Cursor]:
        """Hold the streams and give their cursors."""
        self._store.lock_streams(self._locks, streams)
        return {stream: self._store.cursor(stream) for stream in streams}

    def parked(self, streams: Collection[str]) -> Mapping[str, Parked]:
        """Give those that are parked."""
        return {stream: parked for stream in streams if (parked := self._store.parked_at(stream))}

    def rows(self, streams: Collection[str]) -> Mapping[str, Row]:
        """Give the rows there are."""
        return {stream: row for stream in streams if (row := self._store.row(stream))}

    def save(self, changes: Sequence[Change]) -> None:
        """Keep the changes for the commit."""
        for change in changes:
            if change.row:
                _refuse_what_postgresql_cannot_hold(change.row.state)
        self.changes += changes

    def note_unreadable(self, position: str, reason: str) -> None:
        """Keep it for the commit."""
        self.unreadable.append((position, reason))


def _set(mapping: dict[str, V], key: str, value: V | None) -> None:
    if value is None:
        mapping.pop(key, None)
    else:
        mapping[key] = value


def _refuse_what_postgresql_cannot_hold(value: object, name: str = "the row") -> None:
    """Look at every number and text of a state, those of its lines and items too."""
    if isinstance(value, int) and abs(value) > BIGGEST:
        raise RowRefused(f"{name} is {value}, more than a BIGINT holds")
    if isinstance(value, str) and not _is_text(value):
        raise RowRefused(f"{name} holds a NUL character or half a surrogate pair")
    if is_dataclass(value):
        for field in fields(value):
            _refuse_what_postgresql_cannot_hold(getattr(value, field.name), field.name)
    if isinstance(value, tuple | list):
        for item in value:
            _refuse_what_postgresql_cannot_hold(item, name)
    if isinstance(value, dict):
        for item in (*value, *value.values()):
            _refuse_what_postgresql_cannot_hold(item, name)


def _is_text(value: str) -> bool:
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False
