"""The write side's one way to read and write events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from core.ports.commit import Commit, Committed
from core.ports.events import RecordedEvent


class StoreError(Exception):
    """The event store could not do what was asked."""


class Conflict(StoreError):
    """A stale decision; nothing was written. Read and decide again, under a new commit id."""


class ClaimTaken(StoreError):
    """Somebody holds the claim `key`; nothing was written."""

    def __init__(self, key: str) -> None:
        """Keep `key`."""
        super().__init__(f"the claim {key!r} is taken")
        self.key = key


class CommitTooLarge(StoreError):
    """The commit passes a limit of `core.ports.commit`; nothing was written."""


class StoreUnavailable(StoreError):
    """The store cannot be reached or refuses for now. This call wrote nothing."""


class OutcomeUnknown(StoreError):
    """Neither success nor failure of `commit` could be proved. Committing it again, same id, settles it.

    Except for releases alone: nothing carries their id. Look at the claims.
    """

    def __init__(self, commit: Commit) -> None:
        """Keep `commit`."""
        super().__init__(f"the outcome of commit {commit.id} is unknown")
        self.commit = commit


class StreamDamaged(StoreError):
    """`stream` has later events but lacks `version`: a hole. Nothing may be folded from it."""

    def __init__(self, stream: str, version: int) -> None:
        """Keep where the hole is."""
        super().__init__(f"stream {stream!r} lacks version {version} but goes on after it")
        self.stream = stream
        self.version = version


class Head(NamedTuple):
    """The newest event of a stream."""

    stream: str
    version: int
    event_id: str


@dataclass(frozen=True, slots=True)
class HeldClaim:
    """Who holds a claim, since which commit, with which JSON beside it, until when."""

    key: str
    owner: str
    commit_id: str
    value: bytes | None = None
    expires_at: datetime | None = None


class EventReader(Protocol):
    """Streams of events, to be read: those of a store, or of an archive of its changes."""

    def read(self, stream: str, from_version: int = 1) -> Iterator[RecordedEvent]:
        """Give the stream's events from `from_version` on, in version order; nothing where it has none.

        Raises:
            StreamDamaged: on meeting a hole, `from_version` itself included.
            StoreUnavailable: the store was not reached.
        """

    def replay(self, segment: int = 0, segments: int = 1) -> Iterator[RecordedEvent]:
        """Give every event acknowledged before the call, at least once, in version order within a stream.

        No order is promised between streams. The segments 0 to `segments` - 1 together give everything, and a stream is in one of them.

        Raises:
            StreamDamaged: on meeting a stream with a hole, which ends the replay: streams that would have followed are not given.
            StoreUnavailable: the store was not reached.
        """


class EventStore(EventReader, Protocol):
    """Streams of events and claims on keys, written together or not at all.

    Versions of a stream run 1, 2, 3, ... without holes. Reads are consistent: they see every commit acknowledged before they began.
    """

    def commit(self, commit: Commit) -> Committed:
        """Write everything in `commit`, or nothing.

        A stale decision is rejected: an append or a check whose version is no longer the stream's newest.
        Of two commits each of which appends to a stream the other checks, at most one succeeds.
                A commit is written once, however often its acknowledgement is lost. What proves it are its events and the claims it holds:
        a commit of claims alone leaves no trace once they were released, and a repeat that comes after that may claim them again.
        The e-mail of its metadata is kept beside the events of `core.domain.ADDRESSED`, and beside no other.
        The proof order: my commit id anywhere is success, then a taken claim, then a conflict. Where every try was refused or lost,
        the same is looked up once more before giving up.

        Raises:
            Conflict: a stale decision, or a release of a claim that another holds; nothing was written.
            ClaimTaken: anybody, the same owner too, holds a claimed key.
            CommitTooLarge: over a limit of `core.ports.commit`.
            StoreUnavailable: the store was not reached, or refused every try. This call wrote nothing; an earlier call of the same
                commit id may have.
            OutcomeUnknown: neither success nor failure could be proved. Retry with the same commit id.
        """

    def heads(self, segment: int = 0, segments: int = 1) -> Iterator[Head]:
        """Give the newest event of every stream, segmented like `replay`; a hole before it is not noticed.

        Raises:
            StoreUnavailable: the store was not reached.
        """

    def changed_since(self, at: datetime) -> Iterator[str]:
        """Give each stream that has an event committed at or after `at` (UTC), once; best effort: the very newest may be missing.

        Raises:
            StoreUnavailable: the store was not reached.
        """

    def find_claim(self, key: str, at: datetime) -> HeldClaim | None:
        """Look up who holds `key` at the time `at`, consistently; None where it is free or has expired.

        Raises:
            StoreUnavailable: the store was not reached.
        """

    def incarnation(self) -> str:
        """Name this life of the store: another answer means that it was dropped and made again, and nothing kept of it holds.

        Raises:
            StoreUnavailable: it cannot be told now.
        """
