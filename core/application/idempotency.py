"""Idempotency-Keys: a claim inside the commit holds the first answer, which every repeat is given."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from core.application.work import Work
from core.domain.errors import DomainError
from core.ports.commit import Claim, Position
from core.ports.event_store import EventStore
from core.ports.events import Codec

R = TypeVar("R")

KEY_LASTS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Once:
    """A caller's wish that repeats of a request do nothing: `key` names the claim, `fingerprint` is the SHA-256 of the request."""

    key: str
    fingerprint: str


class KeyReused(DomainError):
    """The Idempotency-Key came with another request before."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class FirstAnswer(Generic[R]):
    """What the claim of an Idempotency-Key holds."""

    fingerprint: str
    positions: tuple[Position, ...]
    result: R


@dataclass(frozen=True, slots=True)
class _FirstRequest:
    """The part of a `FirstAnswer` that is the same for every command."""

    fingerprint: str


class FirstAnswers:
    """Keeps and finds the first answers to requests."""

    def __init__(self, store: EventStore, codec: Codec) -> None:
        """Keep them in this store."""
        self._store = store
        self._codec = codec

    def claims(self, once: Once | None, owner: str, work: Work, result: object) -> tuple[Claim, ...]:
        """Give the claim that keeps an answer for 24 hours, where that is wanted."""
        if once is None:
            return ()
        value = self._codec.encode(FirstAnswer(once.fingerprint, work.positions, result))
        return (Claim(once.key, owner, value, work.at + KEY_LASTS),)

    def find(self, once: Once | None, answer_type: type[R], at: datetime) -> FirstAnswer[R] | None:
        """Look up the answer that this request had before; None where it is the first, or wants no such care.

        Raises:
            KeyReused: the key came with another request.
            StoreUnavailable: the store was not reached.
        """
        if once is None or (held := self._store.find_claim(once.key, at)) is None:
            return None
        value = held.value or b""
        # Before the answer is read: another request may have another type of answer.
        if self._codec.decode(value, _FirstRequest).fingerprint != once.fingerprint:
            raise KeyReused("This Idempotency-Key was used with another request; use a new one.")
        first: FirstAnswer[R] = self._codec.decode(value, FirstAnswer[answer_type])  # type: ignore[valid-type] # known at run time
        return first
