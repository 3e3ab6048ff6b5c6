"""From an order's events through the queue to a real mail server, on its good and its bad days."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from adapters.smtp import MailServer, SmtpMailer
from tests.support.mail_server import Inbox, mail_server
from tests.unit.delivery.mail_scene import MailScene

pytestmark = pytest.mark.smtp


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """Give a mail server."""
    with mail_server() as inbox:
        yield inbox


@pytest.fixture
def mails(inbox: Inbox) -> Iterator[MailScene]:
    """Give a scene whose sender sends to it."""
    mails = MailScene()
    server = MailServer("127.0.0.1", inbox.port, "none")
    with closing(SmtpMailer(server, "EC Shop <orders@shop.example>")) as mailer:
        mails.sender = mails.new_sender(mailer=mailer)
        yield mails


def subjects(inbox: Inbox) -> list[str]:
    """Give what arrived, in order."""
    return [f"{mail['To']}: {mail['Subject']}" for mail in inbox.mails]


def test_a_customer_hears_of_each_step_and_finds_the_request_in_it(mails: MailScene, inbox: Inbox) -> None:
    mails.place()
    mails.pay()
    mails.ship()

    mails.send_all()

    assert subjects(inbox) == [
        "ann@x.example: 【注文確認】ご注文番号 order-1",
        "ann@x.example: 【入金確認】ご注文番号 order-1",
        "ann@x.example: 【発送完了】ご注文番号 order-1",
    ]
    assert [mail["X-Correlation-ID"] for mail in inbox.mails] == ["placing", "paying", "shipping"]


def test_a_bad_day_of_the_server_loses_nothing(mails: MailScene, inbox: Inbox) -> None:
    orders = [mails.place(f"order-{number}", email=f"{number}@x.example") for number in range(4)]
    inbox.answers["MAIL"].append("421 shutting down")
    inbox.answers["RCPT"].append("550 no such mailbox")
    inbox.answers["DATA"].append("451 disk full")

    mails.send_all()

    assert [mails.status(order) for order in orders] == ["pending", "rejected", "pending", "sent"]
    assert [mails.mail(order).error.partition("refuses")[2] for order in orders[:3]] == [
        " the sender orders@shop.example: 421 shutting down",
        ": 550 no such mailbox",
        " for now: 451 disk full",
    ]

    mails.later(minutes=1)
    mails.send_all()

    assert [mails.status(order) for order in orders] == ["sent", "rejected", "sent", "sent"]
    assert [mail["To"] for mail in inbox.mails] == ["3@x.example", "0@x.example", "2@x.example"]
