"""Mails that go nowhere: `make run` and tests look at them."""

import threading
from collections import deque
from collections.abc import Sequence
from email.message import EmailMessage

from adapters.smtp.composing import Composer
from core.ports.mailer import CaughtMail, OrderMessage

KEPT = 200
"""The newest so many are kept."""


class CatchingMailer:
    """Composes each message as SMTP would carry it, and keeps it."""

    def __init__(self, sender: str, kept: int = KEPT) -> None:
        """Compose as `sender`, which is `name <address>`."""
        self._composer = Composer(sender)
        self._lock = threading.Lock()
        self._caught: deque[CaughtMail] = deque(maxlen=kept)

    def send(self, message: OrderMessage) -> None:
        """Keep one message; the oldest goes where there are too many."""
        mail = caught(message.event_id, self._composer.compose(message))
        with self._lock:
            self._caught.append(mail)

    def close(self) -> None:
        """There is nobody to part from."""

    def caught(self) -> Sequence[CaughtMail]:
        """List them, newest first."""
        with self._lock:
            return list(self._caught)[::-1]


def caught(event_id: str, mail: EmailMessage) -> CaughtMail:
    """Take a composed message apart."""
    text, html = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    headers = {name: str(value) for name, value in mail.items()}
    return CaughtMail(event_id, headers["To"], headers["Subject"], text, html, headers)
