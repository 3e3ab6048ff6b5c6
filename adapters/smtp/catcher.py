"""Mails that go nowhere: `make run` and tests look at them."""

import threading
from collections import deque
from collections.abc import Sequence
from email.message import EmailMessage

from adapters.smtp.composing import Composer, Prepared
from core.ports.mailer import CaughtMail, OrderMessage

KEPT = 200
"""The newest so many are kept."""


class CatchingMailer:
    """Keeps messages, and composes each as SMTP would carry it when somebody looks: that takes a millisecond."""

    def __init__(self, sender: str, kept: int = KEPT) -> None:
        """Compose as `sender`, which is `name <address>`."""
        self._composer = Composer(sender)
        self._lock = threading.Lock()
        self._kept: deque[Prepared] = deque(maxlen=kept)

    def send(self, message: OrderMessage) -> None:
        """Keep one message; the oldest goes where there are too many."""
        prepared = self._composer.prepare(message)
        with self._lock:
            self._kept.append(prepared)

    def close(self) -> None:
        """There is nobody to part from."""

    def caught(self) -> Sequence[CaughtMail]:
        """List them, newest first."""
        return [caught(each.message.event_id, self._composer.compose(each)) for each in self._newest_first()]

    def recipients(self) -> Sequence[tuple[str, str]]:
        """List the event and the recipient of each, newest first."""
        return [(each.message.event_id, each.recipient.addr_spec) for each in self._newest_first()]

    def _newest_first(self) -> Sequence[Prepared]:
        with self._lock:
            return list(self._kept)[::-1]


def caught(event_id: str, mail: EmailMessage) -> CaughtMail:
    """Take a composed message apart."""
    text, html = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    headers = {name: str(value) for name, value in mail.items()}
    return CaughtMail(event_id, headers["To"], headers["Subject"], text, html, headers)
