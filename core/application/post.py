"""Queries over the mails: what became of each, and what it said where it was caught instead of sent."""

from collections.abc import Callable, Sequence

from core.domain.times import instant
from core.ports.mail_queue import Mail, MailQueue, MailStatus
from core.ports.mailer import CaughtMail
from core.ports.views import MailView

NOTHING = CaughtMail("", "", "", "", "", {})


class Post:
    """The mails for those who run the shop."""

    def __init__(self, queue: MailQueue, caught: Callable[[], Sequence[CaughtMail]]) -> None:
        """Look at these; `caught` gives what was kept here."""
        self._queue = queue
        self._caught = caught

    def mails(self, limit: int = 100, status: MailStatus | None = None) -> Sequence[MailView]:
        """List mails, newest event first.

        Raises:
            ProjectionUnavailable: the queue cannot be reached.
        """
        caught = {mail.event_id: mail for mail in self._caught()}
        return [_view(mail, caught.get(mail.event_id, NOTHING)) for mail in self._queue.mails(limit, status)]


def _view(mail: Mail, said: CaughtMail) -> MailView:
    return MailView(
        mail.event_id,
        mail.template,
        mail.stream,
        mail.status,
        mail.recipient,
        mail.attempts,
        mail.error,
        instant(mail.happened_at),
        instant(mail.settled_at) if mail.settled_at else "",
        said.subject,
        said.headers.get("X-Correlation-ID", ""),
        said.text,
        said.html,
    )
