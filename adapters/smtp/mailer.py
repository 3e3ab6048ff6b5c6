"""Mails by SMTP."""

import smtplib
import threading
from email.message import EmailMessage

from adapters.smtp.composing import Composer
from adapters.smtp.server import MailServer, said
from core.ports.mailer import MailerUnavailable, OrderMessage, RecipientRejected

PERMANENT = 500
"""Answers from here on are final (RFC 5321, 4.2.1)."""

NOT_LOGGED_IN = frozenset({530, 534, 535, 538})
"""Final answers that are about our log-in and not about a mail (RFC 4954, 6)."""


class SmtpMailer:
    """Hands mails to one server over one connection, which is made when it is first needed and again when it was lost.

    Threads may share it; they queue.
    """

    def __init__(self, server: MailServer, sender: str) -> None:
        """Send through `server` as `sender`, which is `name <address>`."""
        self._server = server
        self._composer = Composer(sender)
        self._lock = threading.Lock()
        self._connection: smtplib.SMTP | None = None

    def send(self, message: OrderMessage) -> None:
        """Hand one message over."""
        mail = self._composer.compose(self._composer.prepare(message))
        with self._lock:
            self._hand_over(mail, str(mail["To"].addresses[0].addr_spec))

    def close(self) -> None:
        """Part from the server."""
        with self._lock:
            self._close()

    def _hand_over(self, mail: EmailMessage, recipient: str) -> None:
        connection = self._connected()
        try:  # smtplib resets the dialogue after a refusal, and closes a connection that it cannot follow any more
            connection.send_message(mail, self._composer.address, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            ((code, answer),) = error.recipients.values()
            raise self._refused(smtplib.SMTPResponseException(code, answer)) from error
        except smtplib.SMTPSenderRefused as error:
            # Whatever the code: it is about us, so a later mail must not be lost for it.
            raise MailerUnavailable(f"{self._server} refuses the sender {error.sender}: {said(error)}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise RecipientRejected(f"{self._server} does not take an address in other letters than ASCII") from error
        except smtplib.SMTPResponseException as error:
            raise self._refused(error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailerUnavailable(f"{self._server} was lost while it took a mail: {said(error)}") from error

    def _refused(self, error: smtplib.SMTPResponseException) -> MailerUnavailable | RecipientRejected:
        if error.smtp_code < PERMANENT or error.smtp_code in NOT_LOGGED_IN:
            return MailerUnavailable(f"{self._server} refuses for now: {said(error)}")
        return RecipientRejected(f"{self._server} refuses: {said(error)}")

    def _connected(self) -> smtplib.SMTP:
        """Give a connection that answers: a server closes an idle one when it likes, and a mail must not be spent on finding out."""
        if self._connection is not None:
            try:
                if self._connection.noop()[0] == 250:  # noqa: PLR2004 - "fine", in every answer of SMTP
                    return self._connection
            except (OSError, smtplib.SMTPException):
                pass
            self._close()
        self._connection = self._server.connect()
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
