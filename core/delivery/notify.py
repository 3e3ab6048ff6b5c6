"""From the mail queue to the mail server, and what becomes of a mail that cannot be sent now."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from core.delivery.order_messages import OrderMessages
from core.delivery.projector import AWAY, LONGEST_PAUSE, SHORTEST_PAUSE
from core.ports.environment import Environment
from core.ports.event_store import StoreUnavailable
from core.ports.mail_queue import Leased, Mail, MailQueue, MailStatus
from core.ports.mailer import Mailer, RecipientRejected

AfterCrash = Literal["resend", "skip"]

MAX_AGE = timedelta(hours=24)

LEASE = timedelta(minutes=5)
"""Longer than handing over one message takes, all time-outs of a mail server added up: only a crash lets it end."""

SHORTEST_WAIT, LONGEST_WAIT = 5.0, 600.0
"""Seconds until a mail is tried again: up to the first, doubled each time up to the longest (full jitter)."""

IDLE = 1.0
"""Seconds between two looks at an empty queue."""

LONGEST_TEXT = 500
"""Characters of an error or a recipient that are kept."""

_log = logging.getLogger("ecshop.delivery")


class Sender:
    """Sends what the queue holds. `trouble` is what it waits for right now; `counts` says how often a mail went to each status.

    Mails of one order leave in the order of their events, however many senders there are: the queue leases none while an earlier one of
    its stream is still to be sent. Each is sent once, but for two cases, in which its Message-ID is the same: it was sent and could not be
    settled (a crash, a queue that went away), or a server took it without saying so. One mail is leased at a time, so that a crash leaves
    one in doubt.
    """

    def __init__(
        self,
        queue: MailQueue,
        messages: OrderMessages,
        mailer: Mailer,
        environment: Environment,
        *,
        max_age: timedelta = MAX_AGE,
        after_crash: AfterCrash = "resend",
    ) -> None:
        """Work on these. A mail older than `max_age` is not sent any more; `after_crash` says what becomes of one in doubt."""
        self.trouble = ""
        self.counts: Counter[str] = Counter()
        self._queue = queue
        self._messages = messages
        self._mailer = mailer
        self._environment = environment
        self._max_age = max_age
        self._after_crash = after_crash

    def run(self, stopping: Callable[[], bool]) -> None:
        """Go on until told to stop. A store or a queue that is away is waited for without limit."""
        pause = SHORTEST_PAUSE
        while not stopping():
            try:
                worked = self.step()
            except AWAY as error:
                self.trouble = f"{type(error).__name__}: {error}"
                self._environment.wait(stopping, self._environment.jitter(pause))
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                self.trouble, pause = "", SHORTEST_PAUSE
                if not worked:
                    self._environment.wait(stopping, IDLE)

    def step(self) -> bool:
        """Deal with one mail; tell whether there was one.

        Raises:
            ProjectionUnavailable, StoreUnavailable: the mail comes again.
        """
        now = self._environment.now()
        leased = self._queue.lease(1, now, now + LEASE)
        for each in leased:
            try:
                mail = self._deal_with(each)
            except StoreUnavailable as error:
                self._settle(self._put_back(each.mail, error))
                raise
            self._settle(mail)
        return bool(leased)

    def _deal_with(self, leased: Leased) -> Mail:
        """Send the mail if it is to be sent; give it as it is to be settled."""
        mail = leased.mail
        if leased.abandoned and self._after_crash == "skip":
            return self._settled(mail, "skipped", "its sender stopped in the middle; it may have been sent")
        if self._environment.now() - mail.happened_at > self._max_age:
            return self._settled(mail, "expired", mail.error)
        try:
            message = self._messages.message_of(mail)
            if not message.recipient:
                return self._settled(mail, "no_recipient")
            mail = mail._replace(recipient=_storable(message.recipient))
            self._mailer.send(message)
            _log.info("%s is handed over", _named(mail), extra={"correlation_id": message.correlation_id})
        except RecipientRejected as error:
            return self._settled(mail, "rejected", str(error))
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one mail must not hold up the others
            return self._put_back(mail, error)
        self._environment.failpoint("mail.before_mark")
        return self._settled(mail, "sent")

    def _settled(self, mail: Mail, status: MailStatus, error: str = "") -> Mail:
        return mail._replace(status=status, error=_storable(error), due_at=None, settled_at=self._environment.now())

    def _put_back(self, mail: Mail, error: Exception) -> Mail:
        longest = min(SHORTEST_WAIT * 2 ** min(mail.attempts - 1, 16), LONGEST_WAIT)
        due_at = self._environment.now() + timedelta(seconds=self._environment.jitter(longest))
        return mail._replace(status="pending", error=_storable(f"{type(error).__name__}: {error}"), due_at=due_at)

    def _settle(self, mail: Mail) -> None:
        what = _named(mail)
        if self._queue.settle(mail):
            self.counts[mail.status] += 1
            _log.info("%s is %s after %d attempts", what, mail.status, mail.attempts)
        else:
            self.counts["lease lost"] += 1
            _log.warning("%s would be %s, but its lease had ended: it may be sent twice", what, mail.status)


def _storable(text: str) -> str:
    """Give a text from outside as every queue can hold it: PostgreSQL takes no NUL, and UTF-8 no half of a surrogate pair."""
    return text[:LONGEST_TEXT].replace("\0", "?").encode(errors="replace").decode()


def _named(mail: Mail) -> str:
    """Name a mail in a log, where neither the recipient nor what a server said of it belongs."""
    return f"the mail {mail.template} of {mail.stream} ({mail.event_id})"
