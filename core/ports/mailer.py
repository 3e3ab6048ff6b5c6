"""Mails to people: one message handed to a mail server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from core.ports.views import OrderView

Locale = Literal["ja", "en"]


class MailerUnavailable(Exception):
    """The mail server was not reached, timed out or refuses for now. Try again later; a server may have taken the message all the same."""


class RecipientRejected(Exception):
    """This address, or this content for it, will never be taken; the text says why. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class OrderMessage:
    """What a mail about an order says, and to whom; how it looks is the adapter's business.

    `template` is the type of the event that asks for it, `happened_at` (UTC) when that was committed, and `correlation_id` the request it
    came from. `order` is as it was right after that event, `reason` why it was cancelled.
    """

    event_id: str
    template: str
    happened_at: datetime
    recipient: str
    locale: Locale
    correlation_id: str
    order: OrderView
    reason: str = ""


class Mailer(Protocol):
    """Hands messages to a mail server."""

    def close(self) -> None:
        """Part from the server; the next message connects again."""

    def send(self, message: OrderMessage) -> None:
        """Hand one message over; when this returns, a server has taken it.

        A message of the same event carries the same Message-ID, so that a mailbox can tell a repeat.

        Raises:
            MailerUnavailable: try again later.
            RecipientRejected: never try again.
        """


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """A message as it would have left, for people to look at."""

    event_id: str
    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


class MailCatcher(Mailer, Protocol):
    """A mailer that sends nothing and keeps what it was given."""

    def caught(self) -> Sequence[CaughtMail]:
        """List the messages that are still kept, newest first."""

    def recipients(self) -> Sequence[tuple[str, str]]:
        """List the event id and the address of each message that is still kept, newest first."""
