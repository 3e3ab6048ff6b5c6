"""Where mails go: to the server that SMTP_HOST names, or to a catcher in this process where it is empty."""

from collections.abc import Callable, Sequence
from typing import Any

from config.settings import Settings
from core.ports.mailer import CaughtMail, Mailer


def make_mailer(settings: Settings) -> Mailer:
    """Make the mailer; it connects when it first sends."""
    from adapters.smtp import CatchingMailer, SmtpMailer

    if not settings.smtp_host:
        return CatchingMailer(settings.smtp_from)
    return SmtpMailer(_server(settings), settings.smtp_from)


def greet(settings: Settings) -> None:
    """Log in to the mail server and part from it again.

    Raises:
        MailerUnavailable: it does not answer, or refuses.
    """
    _server(settings).connect().close()


def _server(settings: Settings) -> Any:  # noqa: ANN401 - who catches mails loads no mail server
    from adapters.smtp import MailServer

    password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
    return MailServer(
        settings.smtp_host, settings.smtp_port, settings.smtp_tls, settings.smtp_user, password, settings.smtp_timeout
    )


def what_was_caught(mailer: Mailer) -> Callable[[], Sequence[CaughtMail]]:
    """Give what lists the messages that a catcher keeps; nothing, where mails are really sent."""
    from adapters.smtp import CatchingMailer

    return mailer.caught if isinstance(mailer, CatchingMailer) else tuple
