"""SMTP against a real server: what each refusal means, and connections that are lost."""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.smtp import CatchingMailer, SmtpMailer
from core.ports.mailer import MailerUnavailable, RecipientRejected
from core.ports.views import OrderItemView
from tests.contract.mailers import ORDER, PLACED, SENDER, Sending, works
from tests.support.mail_server import HANG, Inbox, mail_server

pytestmark = pytest.mark.smtp

SHORT = 0.3
"""Seconds until a server that says nothing is given up."""

SOON = 4.0
"""Seconds in which that has surely happened, and no default time-out has passed."""


@pytest.fixture
def mailer(inbox: Inbox, mailer_to: Callable[..., SmtpMailer]) -> SmtpMailer:
    """Give a mailer to that server."""
    return mailer_to(inbox.port)


def test_the_catcher_keeps_what_smtp_carries(mailer: SmtpMailer, inbox: Inbox) -> None:
    catcher = CatchingMailer(SENDER)
    for locale in ("ja", "en"):
        message = replace(PLACED, locale=locale, recipient="花子@customer.example")
        mailer.send(message)
        catcher.send(message)

    arrived = Sending(mailer, inbox).arrived()
    assert arrived == catcher.caught()[::-1]
    assert [(mail.event_id, mail.to) for mail in arrived] == catcher.recipients()[::-1]


def test_the_envelope_names_the_sender_and_the_recipient_alone(mailer: SmtpMailer, inbox: Inbox) -> None:
    mailer.send(PLACED)

    (envelope,) = inbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("orders@shop.example", ["ann@customer.example"])


def test_a_mail_is_ascii_in_lines_that_every_server_takes(mailer: SmtpMailer, inbox: Inbox) -> None:
    """Its short lines too: not every server says 8BITMIME."""
    order = replace(ORDER, status="cancelled", items=(OrderItemView("p", "茶", 1, 1),))
    mailer.send(PLACED)
    mailer.send(replace(PLACED, template="OrderCancelled", locale="en", order=order))

    for envelope in inbox.envelopes:
        assert isinstance(envelope.content, bytes)
        assert envelope.content.isascii()
        assert max(len(line) for line in envelope.content.split(b"\r\n")) <= 78


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["421 shutting down", "451 try again later", "452 mailbox full"])
def test_what_is_refused_for_now_is_to_be_tried_again(
    mailer: SmtpMailer, inbox: Inbox, command: str, answer: str
) -> None:
    inbox.answers[command].append(answer)

    with pytest.raises(MailerUnavailable) as refused:
        mailer.send(PLACED)

    assert answer in str(refused.value)
    assert f"127.0.0.1:{inbox.port}" in str(refused.value)
    works(mailer, inbox)


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["550 no such mailbox", "553 not an address", "554 no thanks"])
def test_what_is_refused_for_good_is_rejected_and_the_next_mail_goes(
    mailer: SmtpMailer, inbox: Inbox, command: str, answer: str
) -> None:
    inbox.answers[command].append(answer)

    with pytest.raises(RecipientRejected) as rejected:
        mailer.send(PLACED)

    assert answer in str(rejected.value)
    works(mailer, inbox)


@pytest.mark.parametrize(
    ("command", "answer"),
    [("MAIL", "550 who are you"), ("MAIL", "530 log in first"), ("RCPT", "530 log in first"), ("DATA", "530 log in")],
)
def test_what_is_refused_because_of_us_is_no_recipients_fault(
    mailer: SmtpMailer, inbox: Inbox, command: str, answer: str
) -> None:
    inbox.answers[command].append(answer)

    with pytest.raises(MailerUnavailable, match=answer):
        mailer.send(PLACED)

    works(mailer, inbox)


def test_a_long_answer_is_told_in_one_short_line(mailer: SmtpMailer, inbox: Inbox) -> None:
    inbox.answers["RCPT"].append("550-no\r\n550 " + "such " * 80)

    with pytest.raises(RecipientRejected) as rejected:
        mailer.send(PLACED)

    assert "550 no such such" in str(rejected.value)
    assert len(str(rejected.value)) < 300
    assert "\n" not in str(rejected.value)


def test_a_server_that_is_not_there_is_told_and_the_mail_goes_when_it_is(
    mailer_to: Callable[..., SmtpMailer],
) -> None:
    with mail_server() as inbox:
        mailer = mailer_to(inbox.port)

    with pytest.raises(MailerUnavailable, match=f"127.0.0.1:{inbox.port} was not reached"):
        mailer.send(PLACED)


@pytest.mark.parametrize("tls", ["none", "implicit"])
def test_a_server_that_says_nothing_is_given_up(mailer_to: Callable[..., SmtpMailer], tls: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mailer = mailer_to(silent.getsockname()[1], tls=tls, timeout=SHORT)
        start = time.monotonic()

        with pytest.raises(MailerUnavailable, match="timed out"):
            mailer.send(PLACED)

        assert time.monotonic() - start < SOON


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_stops_answering_is_given_up_and_the_next_mail_goes(
    inbox: Inbox, mailer_to: Callable[..., SmtpMailer], command: str
) -> None:
    mailer = mailer_to(inbox.port, timeout=SHORT)
    inbox.answers[command].append(HANG)

    with pytest.raises(MailerUnavailable, match="timed out"):
        mailer.send(PLACED)

    works(mailer, inbox)


def test_one_connection_serves_several_mails(mailer: SmtpMailer, inbox: Inbox) -> None:
    for _ in range(3):
        works(mailer, inbox)

    assert len(inbox.connections) == 1


def test_a_connection_that_the_server_closed_is_made_again_and_no_mail_is_spent_on_it(
    mailer: SmtpMailer, inbox: Inbox
) -> None:
    works(mailer, inbox)
    inbox.drop_connections()

    works(mailer, inbox)

    assert len(inbox.connections) == 2


def test_nothing_of_a_mail_that_failed_half_way_is_in_the_next(mailer: SmtpMailer, inbox: Inbox) -> None:
    inbox.answers["DATA"].append("451 later")
    with pytest.raises(MailerUnavailable):
        mailer.send(replace(PLACED, recipient="bob@customer.example"))

    mailer.send(PLACED)

    assert [envelope.rcpt_tos for envelope in inbox.envelopes] == [["ann@customer.example"]]


def test_one_rejected_address_does_not_cost_the_connection(mailer: SmtpMailer, inbox: Inbox) -> None:
    works(mailer, inbox)
    inbox.answers["RCPT"].append("550 no such mailbox")
    with pytest.raises(RecipientRejected):
        mailer.send(PLACED)

    works(mailer, inbox)

    assert len(inbox.connections) == 1


def test_a_server_that_takes_ascii_alone_rejects_an_address_in_other_letters(
    mailer_to: Callable[..., SmtpMailer],
) -> None:
    with mail_server(enable_SMTPUTF8=False) as inbox:
        mailer = mailer_to(inbox.port)

        with pytest.raises(RecipientRejected, match="does not take an address in other letters than ASCII"):
            mailer.send(replace(PLACED, recipient="花子@customer.example"))

        works(mailer, inbox)
        mailer.send(replace(PLACED, recipient="ann@例え.example"))
        assert inbox.envelopes[-1].rcpt_tos == ["ann@xn--r8jz45g.example"]


def test_threads_that_share_a_mailer_queue(mailer: SmtpMailer, inbox: Inbox) -> None:
    start = threading.Barrier(4)
    errors: list[Exception] = []

    def send(sender: int) -> None:
        start.wait(10)
        try:
            for number in range(10):
                mailer.send(replace(PLACED, recipient=f"{sender}-{number}@customer.example"))
        except Exception as error:  # noqa: BLE001 - the test tells it
            errors.append(error)

    threads = [threading.Thread(target=send, args=[sender], daemon=True) for sender in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert errors == []
    expected = {f"{sender}-{number}@customer.example" for sender in range(4) for number in range(10)}
    assert {str(mail["To"]) for mail in inbox.mails} == expected
    assert len(inbox.mails) == 40
