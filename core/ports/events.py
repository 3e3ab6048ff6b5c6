"""What an event looks like once a store has taken it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Metadata:
    """Who asked for a commit and why; the same for every event of it, but for the e-mail.

    `correlation_id` names the request, `causation_id` what led to it, `actor` who sent it, `command` what was asked. `email` is where a
    guest wants to hear of an order: it stands beside the events of `core.domain.ADDRESSED` alone, never leaves the store but to the one
    who sends mails, and no log that writes an object down gets it.
    """

    correlation_id: str = ""
    causation_id: str = ""
    command: str = ""
    actor: str = ""
    locale: str = ""
    email: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """All of it, to be judged by its characters."""
        return self.correlation_id + self.causation_id + self.command + self.actor + self.locale + self.email


class NewEvent(NamedTuple):
    """A decision not yet written: `id` is a UUIDv7 in text, `data` one of the domain's event dataclasses."""

    id: str
    data: object


class RecordedEvent(NamedTuple):
    """An event as stored. `data` stays JSON, so an event that cannot be decoded can still be counted, moved over and parked.

    A tuple because stores make millions of them and a frozen dataclass costs four times as much to build.
    """

    id: str
    stream: str
    version: int
    aggregate_type: str
    type: str
    schema_version: int
    data: bytes
    created_at: datetime
    commit_id: str
    metadata: Metadata


class Undecodable(Exception):
    """The data of an event, a state or an answer is not what its type says."""


class Codec(Protocol):
    """Domain objects to JSON and back. One implementation, shared by every store and transport."""

    def encode_event(self, event: object) -> tuple[str, str, int, bytes]:
        """Give the aggregate type, event type, schema version and JSON of a domain event."""

    def decode_event(self, recorded: RecordedEvent) -> object | None:
        """Give the domain event, brought up to today's schema; None where its type is not known.

        Raises:
            Undecodable: the data is not what its type says, or was written by a newer schema.
        """

    def encode(self, value: object) -> bytes:
        """Give the JSON of a state or an answer."""

    def decode(self, data: bytes, kind: type[T]) -> T:
        """Read a state or an answer back.

        Raises:
            Undecodable: the data does not fit `kind`.
        """

    def public(self, recorded: RecordedEvent) -> Mapping[str, object]:
        """Give the data of an event as plain JSON values without what must never leave the store."""
