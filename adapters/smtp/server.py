"""One mail server: how it is reached and logged in to."""

import smtplib
import ssl
from dataclasses import dataclass, field
from typing import Literal

from core.ports.mailer import MailerUnavailable

TLS = Literal["none", "starttls", "implicit"]

LONGEST_ANSWER = 200
"""Characters of a server's answer that are kept."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over. `timeout` in seconds is for each answer; with a `user`, it is logged in to."""

    host: str
    port: int
    tls: TLS = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 10.0

    def connect(self) -> smtplib.SMTP:
        """Open a connection that is ready for mails. The certificate is verified where there is TLS.

        Raises:
            MailerUnavailable: it was not reached, its certificate cannot be trusted, or it refuses the log-in.
        """
        try:
            connection = self._open()
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
        except smtplib.SMTPAuthenticationError as error:
            raise MailerUnavailable(f"{self} refuses the log-in of {self.user}: {said(error)}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailerUnavailable(f"{self} was not reached: {said(error)}") from error
        return connection

    def _open(self) -> smtplib.SMTP:
        if self.tls == "implicit":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout)

    def _prepare(self, connection: smtplib.SMTP) -> None:
        if self.tls == "starttls":
            connection.starttls(context=ssl.create_default_context())
        if self.user:
            connection.login(self.user, self.password)

    def __str__(self) -> str:
        return f"The mail server {self.host}:{self.port}"


def said(error: Exception) -> str:
    """Give what a server answered, or why it did not, as one short line."""
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        text = f"{error.smtp_code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"
    else:
        text = str(error) or type(error).__name__
    return " ".join(text.split())[:LONGEST_ANSWER]
