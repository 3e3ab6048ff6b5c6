"""Where mails go: to the server that SMTP_HOST names, or to a catcher in this process where it is not set."""

from collections.abc import Callable, Sequence

from config.settings import Settings
from core.ports.mailer import CaughtMail, Mailer


def make_mailer(settings: Settings) -> Mailer:
    """Make the mailer; it connects when it first sends."""
    from adapters.smtp import CatchingMailer

    return CatchingMailer("EC Shop <shop@localhost>")


def what_was_caught(mailer: Mailer) -> Callable[[], Sequence[CaughtMail]]:
    """Give what lists the messages that a catcher keeps; nothing, where mails are really sent."""
    from adapters.smtp import CatchingMailer

    return mailer.caught if isinstance(mailer, CatchingMailer) else tuple
