"""Mails in memory."""

import threading
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from heapq import nlargest
from itertools import islice

from core.ports.mail_queue import Leased, Mail, MailStatus, NewMail

Age = tuple[datetime, str]
"""What mails are sorted by: the time of their event, then its id."""


class InMemoryMailQueue:
    """Mails by event id, and those that are still to be sent by age, so that a lease need not look at all there ever were."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._mails: dict[str, Mail] = {}
        self._open: list[Age] = []
        self._open_versions: dict[str, Counter[int]] = {}

    def enqueue(self, mails: Iterable[NewMail]) -> None:
        """Take in what events ask for; a second one of an event is ignored."""
        with self._lock:
            for new in mails:
                if new.event_id not in self._mails:
                    mail = self._mails[new.event_id] = Mail(*new)
                    insort(self._open, _age(mail))
                    self._open_versions.setdefault(mail.stream, Counter())[mail.version] += 1

    def lease(self, limit: int, now: datetime, until: datetime) -> Sequence[Leased]:
        """Take what is free, oldest event first. While it is leased, `due_at` is the end of the lease."""
        with self._lock:
            mails = (self._mails[event_id] for _, event_id in self._open)
            free = list(islice((mail for mail in mails if self._is_free(mail, now)), limit))
            leased = [mail._replace(status="sending", attempts=mail.attempts + 1, due_at=until) for mail in free]
            self._mails |= {mail.event_id: mail for mail in leased}
        return [Leased(mail, before.status == "sending") for before, mail in zip(free, leased, strict=True)]

    def _is_free(self, mail: Mail, now: datetime) -> bool:
        first_of_its_stream = mail.version == min(self._open_versions[mail.stream])
        return first_of_its_stream and (mail.due_at is None or mail.due_at <= now)

    def settle(self, mail: Mail) -> bool:
        """Write how it went, if it is still ours."""
        with self._lock:
            kept = self._mails.get(mail.event_id)
            if kept is None or (kept.status, kept.attempts) != ("sending", mail.attempts):
                return False
            self._mails[mail.event_id] = kept._replace(
                status=mail.status,
                recipient=mail.recipient,
                error=mail.error,
                due_at=mail.due_at,
                settled_at=mail.settled_at,
            )
            if mail.status != "pending":
                self._close(kept)
        return True

    def _close(self, mail: Mail) -> None:
        del self._open[bisect_left(self._open, _age(mail))]
        versions = self._open_versions[mail.stream]
        versions[mail.version] -= 1  # two events of one version: one of them was never stored
        if not versions[mail.version]:
            del versions[mail.version]
        if not versions:
            del self._open_versions[mail.stream]

    def queued(self, event_ids: Collection[str]) -> Collection[str]:
        """Look them up."""
        with self._lock:
            return [event_id for event_id in event_ids if event_id in self._mails]

    def mails(self, limit: int = 100, status: MailStatus | None = None) -> Sequence[Mail]:
        """List them, newest event first."""
        with self._lock:
            mails = [mail for mail in self._mails.values() if status in (None, mail.status)]
        return nlargest(limit, mails, key=_age)


def _age(mail: Mail) -> Age:
    return mail.happened_at, mail.event_id
