"""What the suite of the mailer needs of an adapter: where its mails arrive."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Protocol

from adapters.smtp import CatchingMailer, MailServer, SmtpMailer
from adapters.smtp.catcher import caught
from core.ports.mailer import CaughtMail, Mailer, OrderMessage
from core.ports.views import OrderItemView, OrderView
from tests.support.mail_server import Inbox, mail_server

SENDER = "EC Shop <orders@shop.example>"

ORDER = OrderView(
    "0198c1f2-7a3b-7c4d-9e5f-0123456789ab",
    "guest-ann",
    (OrderItemView("p-1", "煎茶 <特上> & 新茶", 3, 1_200), OrderItemView("p-2", "Cup", 1, 12_900)),
    16_500,
    "pending",
    "2026-01-02T16:04:05.678901Z",
    "2026-01-02T16:04:05.678901Z",
)

PLACED = OrderMessage(
    "0198c1f2-7a3b-7000-8000-000000000001",
    "OrderPlaced",
    datetime(2026, 1, 2, 16, 4, 6, tzinfo=UTC),
    "ann@customer.example",
    "ja",
    "a-request",
    ORDER,
)
"""The mail of an order with two lines, in Japanese."""


class MailerHarness(Protocol):
    """A mailer, and the mails that it handed over."""

    mailer: Mailer

    def arrived(self) -> Sequence[CaughtMail]:
        """Give them in the order they were sent in."""


class Catching:
    """The catcher itself."""

    def __init__(self) -> None:
        """Start empty."""
        self._catcher = CatchingMailer(SENDER)
        self.mailer: Mailer = self._catcher

    def arrived(self) -> Sequence[CaughtMail]:
        """Turn its list round."""
        return self._catcher.caught()[::-1]


class Sending:
    """SMTP, with the inbox of a real server."""

    def __init__(self, mailer: SmtpMailer, inbox: Inbox) -> None:
        """Send to this inbox."""
        self.mailer: Mailer = mailer
        self._inbox = inbox

    def arrived(self) -> Sequence[CaughtMail]:
        """Read what the server took, from its bytes."""
        return [caught(mail["Message-ID"][1:].partition("@")[0], mail) for mail in self._inbox.mails]


@contextmanager
def catcher() -> Iterator[Catching]:
    """Give a catcher."""
    yield Catching()


@contextmanager
def smtp() -> Iterator[Sending]:
    """Give a mailer on a server of its own."""
    with mail_server() as inbox, closing(SmtpMailer(MailServer("127.0.0.1", inbox.port, "none"), SENDER)) as mailer:
        yield Sending(mailer, inbox)


def works(mailer: SmtpMailer, inbox: Inbox) -> None:
    """Send one more, which must arrive."""
    before = len(inbox.mails)
    mailer.send(PLACED)
    assert len(inbox.mails) == before + 1
