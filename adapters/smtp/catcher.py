"""Mails that go nowhere: `make run` and tests look at them."""

import threading
from collections import deque
from collections.abc import Sequence
from email.message import EmailMessage
from functools import cached_property

from adapters.smtp.composing import Composer, Prepared
from core.ports.mailer import CaughtMail, OrderMessage

KEPT = 200
"""The newest so many are kept."""


class CatchingMailer:
    """Keeps messages, and composes each as SMTP would carry it when somebody looks for the first time: that takes a millisecond."""

    def __init__(self, sender: str, kept: int = KEPT) -> None:
        """Compose as `sender`, which is `name <address>`."""
        self._composer = Composer(sender)
        self._lock = threading.Lock()
        self._kept: deque[_Kept] = deque(maxlen=kept)

    def send(self, message: OrderMessage) -> None:
        """Keep one message; the oldest goes where there are too many."""
        kept = _Kept(self._composer, self._composer.prepare(message))
        with self._lock:
            self._kept.append(kept)

    def close(self) -> None:
        """There is nobody to part from."""

    def caught(self) -> Sequence[CaughtMail]:
        """List them, newest first."""
        return [each.mail for each in self._newest_first()]

    def recipients(self) -> Sequence[tuple[str, str]]:
        """List the event and the recipient of each, newest first."""
        return [(each.prepared.message.event_id, each.prepared.recipient.addr_spec) for each in self._newest_first()]

    def _newest_first(self) -> Sequence["_Kept"]:
        with self._lock:
            return list(self._kept)[::-1]


class _Kept:
    def __init__(self, composer: Composer, prepared: Prepared) -> None:
        self._composer = composer
        self.prepared = prepared

    @cached_property
    def mail(self) -> CaughtMail:
        return caught(self.prepared.message.event_id, self._composer.compose(self.prepared))


def caught(event_id: str, mail: EmailMessage) -> CaughtMail:
    """Take a composed message apart."""
    text, html = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    headers = {name: str(value) for name, value in mail.items()}
    return CaughtMail(event_id, headers["To"], headers["Subject"], text, html, headers)
