"""The event store in memory: the whole contract, at the speed of a dictionary."""

import threading
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import uuid4

from adapters.serialization.recording import record, unbroken, whole_seconds
from core.ports.commit import Claim, Commit, Committed
from core.ports.environment import AnswerLost, Environment
from core.ports.event_store import ClaimTaken, Conflict, Head, HeldClaim, OutcomeUnknown
from core.ports.events import Codec, RecordedEvent

TRIES = 5
"""How often a commit is sent while its answers are lost, before it is looked up and then given up."""


def _mark_nothing(_events: Sequence[RecordedEvent]) -> None:
    """Leave events unmarked: the log is the feed."""


class InMemoryEventStore:
    """Streams and claims in dictionaries under one lock, which no failpoint and no other call is ever made under."""

    def __init__(
        self, codec: Codec, environment: Environment, mark: Callable[[Sequence[RecordedEvent]], None] = _mark_nothing
    ) -> None:
        """Start empty; `mark` notes, with the commit, that these events of one stream are still to be relayed."""
        self._mark = mark
        self._codec = codec
        self._environment = environment
        self._lock = threading.Lock()
        self._streams: dict[str, list[RecordedEvent]] = {}
        self._claims: dict[str, HeldClaim] = {}
        self._log: list[RecordedEvent] = []
        self._incarnation = str(uuid4())

    def commit(self, commit: Commit) -> Committed:
        """Write all or nothing; a lost answer is met by sending the same commit again, as over a network."""
        recorded = record(self._codec, commit)
        for lost in range(TRIES):
            try:
                self._environment.failpoint("write.before")
                with self._lock:
                    self._write(commit, recorded)
                self._environment.wake()
                self._environment.failpoint("write.after")
            except AnswerLost:
                continue
            except Conflict as conflict:
                # A lost try may have let the claims go, and another has them since.
                if lost and not commit.leaves_a_trace:
                    raise OutcomeUnknown(commit) from conflict
                raise
            return Committed(commit.id, commit.positions)
        return self._settle(commit)

    def _settle(self, commit: Commit) -> Committed:
        """Look the commit up after its last try."""
        with self._lock:
            if self._is_mine(commit):
                return Committed(commit.id, commit.positions)
            if commit.leaves_a_trace:
                self._refuse_taken_claims(commit)
                self._refuse_stale_decisions(commit)
        raise OutcomeUnknown(commit)

    def _write(self, commit: Commit, recorded: list[list[RecordedEvent]]) -> None:
        if self._is_mine(commit):
            return
        self._refuse_taken_claims(commit)
        self._refuse_stale_decisions(commit)
        for append, events in zip(commit.appends, recorded, strict=True):
            self._streams.setdefault(append.stream, []).extend(events)
            self._log.extend(events)
            self._mark(events)
        for claim in commit.claims:
            if isinstance(claim, Claim):
                expires_at = whole_seconds(claim.expires_at)
                self._claims[claim.key] = HeldClaim(claim.key, claim.owner, commit.id, claim.value, expires_at)
            else:
                self._claims.pop(claim.key, None)

    def _is_mine(self, commit: Commit) -> bool:
        """Tell whether this commit was written already: its id stands where it would write."""
        for append in commit.appends:
            events = self._streams.get(append.stream, ())
            if len(events) > append.expected_version and events[append.expected_version].commit_id == commit.id:
                return True
        for claim in commit.claims:  # noqa: SIM110 - any() costs a generator for each commit, most of which claim nothing
            if claim.key in self._claims and self._claims[claim.key].commit_id == commit.id:
                return True
        return False

    def _refuse_taken_claims(self, commit: Commit) -> None:
        for claim in commit.claims:
            if isinstance(claim, Claim) and self._held(claim.key, commit.created_at):
                raise ClaimTaken(claim.key)

    def _refuse_stale_decisions(self, commit: Commit) -> None:
        for append in commit.appends:
            if self._version(append.stream) != append.expected_version:
                raise Conflict(
                    f"stream {append.stream!r} is at version {self._version(append.stream)}, not {append.expected_version}"
                )
        for check in commit.checks:
            if self._version(check.stream) != check.version:
                raise Conflict(
                    f"stream {check.stream!r} is at version {self._version(check.stream)}, not {check.version}"
                )
        for claim in commit.claims:
            held = self._held(claim.key, commit.created_at)
            if held and held.owner != claim.owner:
                raise Conflict(f"the claim {claim.key!r} is held by another")

    def _version(self, stream: str) -> int:
        return len(self._streams.get(stream, ()))

    def _held(self, key: str, at: datetime) -> HeldClaim | None:
        held = self._claims.get(key)
        return held if held and (held.expires_at is None or held.expires_at > at) else None

    def read(self, stream: str, from_version: int = 1) -> Iterator[RecordedEvent]:
        """Give a copy of the stream's tail as it is now."""
        with self._lock:
            events = self._streams.get(stream, [])[max(from_version, 1) - 1 :]
        return unbroken(events, max(from_version, 1))

    def replay(self, segment: int = 0, segments: int = 1) -> Iterator[RecordedEvent]:
        """Give the streams whose name falls into the segment, one after another."""
        for stream in self._names(segment, segments):
            yield from self.read(stream)

    def heads(self, segment: int = 0, segments: int = 1) -> Iterator[Head]:
        """Give the last event of each stream."""
        for stream in self._names(segment, segments):
            last = self._streams[stream][-1]
            yield Head(stream, last.version, last.id)

    def _names(self, segment: int, segments: int) -> list[str]:
        with self._lock:
            names = list(self._streams)
        return [name for name in names if zlib.crc32(name.encode()) % segments == segment]

    def event_ids(self, places: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
        """Look into each stream."""
        with self._lock:
            return {
                (stream, version): events[version - 1].id
                for stream, version in places
                if 0 < version <= len(events := self._streams.get(stream, []))
            }

    def changed_since(self, at: datetime) -> Iterator[str]:
        """Look through the log; times need not grow along it."""
        return iter(dict.fromkeys(event.stream for event in self._log[:] if event.created_at >= at))

    def find_claim(self, key: str, at: datetime) -> HeldClaim | None:
        """Look the key up."""
        return self._held(key, at)

    def incarnation(self) -> str:
        """Give a name made at construction."""
        return self._incarnation

    def changes(self, position: int, limit: int) -> list[RecordedEvent]:
        """Give committed events after the first `position` ones, in commit order: the change log that the in-memory feed reads."""
        return self._log[position : position + limit]
