"""SMTP under TLS and with a log-in, against a real server."""

import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from adapters.smtp import MailServer, SmtpMailer
from core.ports.mailer import MailerUnavailable
from tests.contract.mailers import PLACED, works
from tests.support.certificate import make_certificate
from tests.support.mail_server import Inbox, mail_server

pytestmark = pytest.mark.smtp


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """Give a file that trusts a server, and what that server needs."""
    return make_certificate(tmp_path)


@pytest.fixture
def trusted(certificate: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Give the TLS of a server that this process trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    return certificate[1]


def tls_server(tls: str, context: ssl.SSLContext, **options: object) -> AbstractContextManager[Inbox]:
    """Run a server of that kind of TLS."""
    how = {"tls_context": context, "require_starttls": True} if tls == "starttls" else {"ssl_context": context}
    return mail_server(**how, **options)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_mails_travel_under_tls(mailer_to: Callable[..., SmtpMailer], trusted: ssl.SSLContext, tls: str) -> None:
    with tls_server(tls, trusted) as inbox:
        mailer = mailer_to(inbox.port, tls=tls)

        works(mailer, inbox)
        works(mailer, inbox)

        assert inbox.tls == [True, True]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    mailer_to: Callable[..., SmtpMailer], certificate: tuple[Path, ssl.SSLContext], tls: str
) -> None:
    with tls_server(tls, certificate[1]) as inbox:
        mailer = mailer_to(inbox.port, tls=tls)

        with pytest.raises(MailerUnavailable, match="certificate verify failed"):
            mailer.send(PLACED)

        assert inbox.mails == []


def test_nothing_is_sent_in_the_clear_where_tls_is_wanted(inbox: Inbox, mailer_to: Callable[..., SmtpMailer]) -> None:
    mailer = mailer_to(inbox.port, tls="starttls")

    with pytest.raises(MailerUnavailable, match="STARTTLS"):
        mailer.send(PLACED)

    assert inbox.mails == []


def test_a_user_is_logged_in(mailer_to: Callable[..., SmtpMailer], trusted: ssl.SSLContext) -> None:
    with tls_server("starttls", trusted, knows_users=True, auth_required=True) as inbox:
        mailer = mailer_to(inbox.port, tls="starttls", user="shop", password="hunter2")

        works(mailer, inbox)

        assert inbox.log_ins == [(b"shop", b"hunter2")]


def test_a_log_in_that_is_refused_is_told_without_the_password_and_no_mail_is_lost(
    mailer_to: Callable[..., SmtpMailer], trusted: ssl.SSLContext
) -> None:
    with tls_server("starttls", trusted, knows_users=True, auth_required=True) as inbox:
        mailer = mailer_to(inbox.port, tls="starttls", user="shop", password="swordfish")

        with pytest.raises(MailerUnavailable, match="refuses the log-in of shop: 535") as refused:
            mailer.send(PLACED)

        assert "swordfish" not in str(refused.value)
        assert "swordfish" not in repr(MailServer("h", 1, user="shop", password="swordfish"))


def test_a_server_that_wants_a_log_in_and_gets_none_loses_no_mail(
    mailer_to: Callable[..., SmtpMailer], trusted: ssl.SSLContext
) -> None:
    with tls_server("starttls", trusted, knows_users=True, auth_required=True) as inbox:
        mailer = mailer_to(inbox.port, tls="starttls")

        with pytest.raises(MailerUnavailable, match="530"):
            mailer.send(PLACED)

        assert inbox.mails == []
