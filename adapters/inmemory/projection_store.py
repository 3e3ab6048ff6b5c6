"""Cursors, rows and parked streams in memory."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import fields, is_dataclass
from typing import TypeVar

from adapters.inmemory.generations import InMemoryGenerations, Kept
from core.ports.environment import Environment
from core.ports.generations import Generation
from core.ports.mail_queue import NewMail
from core.ports.projection_store import Change, CursorMoved, Parked, Row, RowRefused, Standing

V = TypeVar("V")

BIGGEST = 2**63 - 1
"""What a BIGINT of PostgreSQL holds; memory must not hold more."""


def _no_mail(_mails: Iterable[NewMail]) -> None:
    """Keep no mails: rows ask for none."""


class InMemoryProjectionStore(InMemoryGenerations):
    """Dictionaries that change together. Row locks are the environment's keyed locks."""

    def __init__(
        self,
        environment: Environment,
        projector: str = "read-models",
        folds: int = 1,
        enqueue: Callable[[Iterable[NewMail]], None] = _no_mail,
    ) -> None:
        """Start empty, for one projector; `enqueue` takes the mails of its batches."""
        super().__init__(environment, folds)
        self._projector = projector
        self._enqueue = enqueue
        self._lock = threading.Lock()
        self._unreadable: dict[str, str] = {}
        self._bookmark = ""
        self._feed = ""

    @contextmanager
    def transaction(self, only: int | None = None) -> Iterator["InMemoryTransaction"]:
        """Begin a batch; it commits when left without an error."""
        with self.batch(only) as generations, ExitStack() as locks:
            transaction = InMemoryTransaction(self, generations, locks)
            yield transaction
            self._commit(transaction)

    def _commit(self, transaction: "InMemoryTransaction") -> None:
        with self._lock:
            for number, change in transaction.changes:
                if self.kept(number).standing(change.stream).cursor != change.before:
                    raise CursorMoved(f"the cursor of {change.stream!r} is no longer {change.before}")
            for number, change in transaction.changes:
                kept = self.kept(number)
                _set(kept.cursors, change.stream, change.after if change.after.version else None)
                _set(kept.rows, change.stream, change.row)
                _set(kept.parked, change.stream, change.parked)
            self._enqueue(mail for _, change in transaction.changes for mail in change.mails)
            for position, reason in transaction.unreadable:
                self._unreadable.setdefault(position, reason)

    def standings(self, streams: Collection[str], generation: int | None = None) -> Mapping[str, Standing]:
        """Look them up."""
        kept = self.kept(generation)
        return {stream: standing for stream in streams if (standing := kept.standing(stream)) != Standing()}

    def all_standings(self, generation: int | None = None, after: str = "") -> Iterator[tuple[str, Standing]]:
        """Give those of one moment."""
        kept = self.kept(generation)
        with self._lock:
            streams = sorted(stream for stream in kept.cursors.keys() | kept.parked.keys() if stream > after)
        for stream in streams:
            yield stream, kept.standing(stream)

    def parked_streams(self, generation: int | None = None) -> Sequence[Parked]:
        """List them by stream."""
        parked = self.kept(generation).parked
        with self._lock:
            return [parked[stream] for stream in sorted(parked)]

    def unreadable_records(self) -> Sequence[tuple[str, str]]:
        """List them in the order they were met."""
        return list(self._unreadable.items())

    def feed(self) -> str:
        """Give the name."""
        return self._feed

    def keep_feed(self, name: str) -> None:
        """Replace it."""
        self._feed = name

    def bookmark(self) -> str:
        """Give the one there is."""
        return self._bookmark

    def keep_bookmark(self, text: str) -> None:
        """Replace it."""
        self._bookmark = text

    def row(self, stream: str) -> Row | None:
        """Give a stream's row."""
        return self.kept().rows.get(stream)

    def all_rows(self) -> list[Row]:
        """Give every row, as of one moment."""
        kept: Kept = self.kept()
        with self._lock:
            return list(kept.rows.values())

    def lock_streams(self, locks: ExitStack, streams: Collection[str]) -> None:
        """Hold the rows of these streams, in every generation, until `locks` is left."""
        locks.enter_context(self._environment.locked(f"projection {self._projector} {stream}" for stream in streams))


class InMemoryTransaction:
    """What a batch is about to change."""

    def __init__(self, store: InMemoryProjectionStore, generations: Sequence[Generation], locks: ExitStack) -> None:
        """Begin on this store; `locks` is left at the end."""
        self._store = store
        self._locks = locks
        self.generations = generations
        self.changes: list[tuple[int, Change]] = []
        self.unreadable: list[tuple[str, str]] = []

    def lock(self, streams: Collection[str]) -> Mapping[int, Mapping[str, Standing]]:
        """Hold the streams and tell where they stand."""
        self._store.lock_streams(self._locks, streams)
        return {
            each.number: {stream: self._store.kept(each.number).standing(stream) for stream in streams}
            for each in self.generations
        }

    def save(self, changes: Mapping[int, Sequence[Change]]) -> None:
        """Keep the changes for the commit."""
        for number, of_generation in changes.items():
            for change in of_generation:
                if change.row:
                    _refuse_what_postgresql_cannot_hold(change.row.state)
                self.changes.append((number, change))

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
