"""Mails between the event that asks for one and the mail server that takes it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

MailStatus = Literal["pending", "sending", "sent", "no_recipient", "expired", "rejected", "skipped"]
"""Of these, `pending` and `sending` go on; `skipped` is one whose sender crashed, where that shall not be tried again."""


class NewMail(NamedTuple):
    """What an event asks for: `template` is its type, `happened_at` (UTC) when it was committed."""

    event_id: str
    template: str
    stream: str
    version: int
    happened_at: datetime


class Mail(NamedTuple):
    """A mail of the queue. `attempts` counts leases; `error` is why the last one failed; `due_at` (UTC) is when it may be leased again."""

    event_id: str
    template: str
    stream: str
    version: int
    happened_at: datetime
    status: MailStatus = "pending"
    recipient: str = ""
    attempts: int = 0
    error: str = ""
    due_at: datetime | None = None
    settled_at: datetime | None = None


class Leased(NamedTuple):
    """A mail that is ours to send until the lease ends; `abandoned` where one before us began to send it and never said how it went."""

    mail: Mail
    abandoned: bool


class MailQueue(Protocol):
    """Mails by the event that asked for them, one each. Every method raises `ProjectionUnavailable` when it cannot be reached."""

    def lease(self, limit: int, now: datetime, until: datetime) -> Sequence[Leased]:
        """Take up to `limit` mails that are pending and due, or whose lease has ended, oldest event first.

        Nobody else gets them until the time `until`. None is taken while one of a lower version of its stream is pending or being sent:
        what holds that up (the server, the address, the order's events) would hold this up too, and people hear of things in their
        order. Events of one time are ordered by id.
        """

    def settle(self, mail: Mail) -> bool:
        """Write how a leased mail went: its status, recipient, error and times; tell whether the lease was still ours.

        A lease is known by `attempts`: whoever leases later counts one more.
        """

    def queued(self, event_ids: Collection[str]) -> Collection[str]:
        """Tell which of these events have a mail, whatever became of it."""

    def mails(self, limit: int = 100, status: MailStatus | None = None) -> Sequence[Mail]:
        """List mails, newest event first."""
