"""What the suite of the mail queue needs of an adapter: mails put in as a projector puts them, and a second client."""

import os
from datetime import datetime, timedelta
from typing import Protocol

from adapters.inmemory import InMemoryMailQueue
from core.ports.mail_queue import Leased, Mail, MailQueue, NewMail
from tests.contract.mutants.catalogue import mutated
from tests.support.commits import AT

LEASE = timedelta(minutes=5)


class MailQueueHarness(Protocol):
    """One empty mail queue."""

    queue: MailQueue

    def enqueue(self, *mails: NewMail) -> None:
        """Put mails in, as the transaction of a projector does."""

    def another(self) -> MailQueue:
        """Give a second client on the same data, as another process would have."""


class MemoryMailQueue:
    """The in-memory queue, or the mutant of it that `MUTANT` names."""

    def __init__(self) -> None:
        """Start empty."""
        self._memory: InMemoryMailQueue = mutated(InMemoryMailQueue, os.environ.get("MUTANT", ""))()
        self.queue: MailQueue = self._memory

    def enqueue(self, *mails: NewMail) -> None:
        """Do what the in-memory projection store does in its commit."""
        self._memory.enqueue(mails)

    def another(self) -> MailQueue:
        """Memory has one client only, which any number of threads share."""
        return self.queue


def asked(number: int, stream: str = "", version: int = 1, happened_at: datetime | None = None) -> NewMail:
    """Give the mail of the n-th event, which happened n seconds after the start, in a stream of its own."""
    at = happened_at or AT + timedelta(seconds=number)
    return NewMail(f"event-{number}", "OrderPlaced", stream or f"order-{number}", version, at)


def lease(queue: MailQueue, now: datetime = AT, limit: int = 1) -> list[str]:
    """Lease and give the event ids."""
    return [leased.mail.event_id for leased in queue.lease(limit, now, now + LEASE)]


def lease_one(queue: MailQueue, now: datetime = AT) -> Leased:
    """Lease the one mail that must be there."""
    (leased,) = queue.lease(1, now, now + LEASE)
    return leased


def settled(mail: Mail, **changes: object) -> Mail:
    """Give the mail as sent, but for the changes."""
    sent = {"status": "sent", "due_at": None, "settled_at": AT + timedelta(hours=1)}
    return mail._replace(**sent | changes)  # type: ignore[arg-type] # the tests name its fields
