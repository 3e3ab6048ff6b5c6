"""One atomic write: what is appended, what must not have changed, what is claimed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from core.ports.events import Metadata, NewEvent

MAX_OPERATIONS = 100
"""Events, checks, claims and releases of one commit: what one DynamoDB transaction takes."""

MAX_COMMIT_BYTES = 3_000_000
"""Event data, the metadata beside each event, and claim values of one commit, UTF-8; a DynamoDB transaction takes 4 MB in all."""

MAX_EVENT_BYTES = 65_536
"""JSON of one event, one claim value, or the metadata of a commit, UTF-8."""

MAX_NAME_BYTES = 1_024
"""A stream's name, a claim's key or its owner, UTF-8: what DynamoDB takes as a sort key, and an index sorts by stream."""


class Position(NamedTuple):
    """A place in a stream; version 0 is before its first event."""

    stream: str
    version: int


@dataclass(frozen=True, slots=True)
class Append:
    """Events for one stream. `expected_version` is the version the decision was made on, 0 for a new stream."""

    stream: str
    expected_version: int
    events: tuple[NewEvent, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """The stream must still be at `version`, 0 for one that must not exist."""

    stream: str
    version: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Hold `key` for `owner`. Past `expires_at` (UTC, counted in whole seconds) it counts as free. `value` is JSON."""

    key: str
    owner: str
    value: bytes | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Let `key` go, if `owner` holds it or nobody does."""

    key: str
    owner: str


@dataclass(frozen=True, slots=True)
class Commit:
    """Everything one decision writes. `id` (UUID text, 36 characters) is the proof of who wrote what; `created_at` is UTC.

    Raises:
        ValueError: nothing to write, a stream or a key named twice or not at all, an append without events, a version below 0,
            what is no UTF-8: a name, the metadata, a claim's value; or a NUL in a name or a value, which PostgreSQL cannot hold.
    """

    id: str
    created_at: datetime
    appends: tuple[Append, ...] = ()
    checks: tuple[Check, ...] = ()
    claims: tuple[Claim | Release, ...] = ()
    metadata: Metadata = field(default=Metadata())

    def __post_init__(self) -> None:
        """Refuse what no store could write."""
        if not self.appends and not self.claims:
            raise ValueError("a commit appends or claims something")
        for append in self.appends:
            if not append.events:
                raise ValueError("an append has at least one event")
            if append.expected_version < 0:
                raise ValueError(f"versions start at 0: {append!r}")
        for check in self.checks:
            if check.version < 0:
                raise ValueError(f"versions start at 0: {check!r}")
        _once("stream", [append.stream for append in self.appends] + [check.stream for check in self.checks])
        _once("claim", [claim.key for claim in self.claims])
        for claim in self.claims:
            _refuse_what_no_text_holds(claim.owner)
            if isinstance(claim, Claim) and claim.value is not None:
                _refuse_what_no_text_holds(claim.value.decode())
        _refuse_lone_surrogates(self.metadata.text)

    @property
    def positions(self) -> tuple[Position, ...]:
        """Where each appended stream stands after this commit."""
        return tuple([Position(a.stream, a.expected_version + len(a.events)) for a in self.appends])

    @property
    def leaves_a_trace(self) -> bool:
        """Whether something will carry its id. Releases alone leave nothing that could ever prove them."""
        return bool(self.appends) or any(isinstance(claim, Claim) for claim in self.claims)


def _once(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if not name or name in seen:
            raise ValueError(f"a commit names each {what} once: {name!r}")
        _refuse_what_no_text_holds(name)
        seen.add(name)


def _refuse_what_no_text_holds(text: str) -> None:
    if "\0" in text:
        raise ValueError(f"a NUL cannot be stored: {text!r}")
    _refuse_lone_surrogates(text)


def _refuse_lone_surrogates(text: str) -> None:
    """Raise a ValueError where `text` is no UTF-8; nearly all is ASCII, which is told at no cost."""
    if not text.isascii():
        text.encode()


class Committed(NamedTuple):
    """A commit that is stored, by this call or by an earlier one of the same commit id."""

    commit_id: str
    positions: tuple[Position, ...]
