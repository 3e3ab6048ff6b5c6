"""The mail queue on PostgreSQL: a batch of the notifier puts mails in, senders lease them past each other."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.postgres.connections import Pool, connected
from adapters.postgres.generations import unavailable
from core.ports.mail_queue import Leased, Mail, MailStatus

_COLUMNS = "event_id, template, stream, version, happened_at, status, recipient, attempts, error, due_at, settled_at"
"""In the order of `Mail`."""

_LEASE = f"""
WITH free AS (
    SELECT event_id, status FROM shop_state.mail_queue AS mail
    WHERE status IN ('pending', 'sending') AND (due_at IS NULL OR due_at <= %(now)s) AND NOT EXISTS (
        SELECT FROM shop_state.mail_queue AS earlier
        WHERE earlier.stream = mail.stream AND earlier.version < mail.version AND earlier.status IN ('pending', 'sending')
    )
    ORDER BY happened_at, event_id COLLATE "C"
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE shop_state.mail_queue AS mail
SET status = 'sending', attempts = attempts + 1, due_at = %(until)s
FROM free WHERE mail.event_id = free.event_id
RETURNING {", ".join(f"mail.{column}" for column in _COLUMNS.split(", "))}, free.status = 'sending'
"""
"""Past what another sender is leasing this moment. What it has leased meanwhile is looked at again when the row is locked."""

_SETTLE = """
UPDATE shop_state.mail_queue
SET status = %s, recipient = %s, error = %s, due_at = %s, settled_at = %s
WHERE event_id = %s AND status = 'sending' AND attempts = %s
"""

_QUEUED = "SELECT event_id FROM shop_state.mail_queue WHERE event_id = ANY (%s)"

_LIST = f"""
SELECT {_COLUMNS} FROM shop_state.mail_queue
WHERE %(status)s::text IS NULL OR status = %(status)s::text
ORDER BY happened_at DESC, event_id COLLATE "C" DESC LIMIT %(limit)s
"""


class PostgresMailQueue:
    """Mails by event id; each call is one statement."""

    def __init__(self, pool: Pool) -> None:
        """Work on the database of this pool."""
        self._pool = pool

    def lease(self, limit: int, now: datetime, until: datetime) -> Sequence[Leased]:
        """Take what is free, oldest event first. While it is leased, `due_at` is the end of the lease."""
        with unavailable(), connected(self._pool) as connection:
            rows = connection.execute(_LEASE, {"limit": limit, "now": now, "until": until}).fetchall()
        leased = [Leased(_mail(row[:-1]), row[-1]) for row in rows]
        return sorted(leased, key=lambda each: (each.mail.happened_at, each.mail.event_id))

    def settle(self, mail: Mail) -> bool:
        """Write how it went, if it is still ours."""
        how = [mail.status, mail.recipient, mail.error, mail.due_at, mail.settled_at]
        with unavailable(), connected(self._pool) as connection:
            return connection.execute(_SETTLE, [*how, mail.event_id, mail.attempts]).rowcount == 1

    def queued(self, event_ids: Collection[str]) -> Collection[str]:
        """Look them up."""
        with unavailable(), connected(self._pool) as connection:
            return [event_id for (event_id,) in connection.execute(_QUEUED, [list(event_ids)])]

    def mails(self, limit: int = 100, status: MailStatus | None = None) -> Sequence[Mail]:
        """List them, newest event first."""
        with unavailable(), connected(self._pool) as connection:
            return [_mail(row) for row in connection.execute(_LIST, {"limit": limit, "status": status})]


def _mail(row: tuple[Any, ...]) -> Mail:
    mail = Mail(*row)
    return mail._replace(
        happened_at=mail.happened_at.astimezone(UTC),
        due_at=mail.due_at and mail.due_at.astimezone(UTC),
        settled_at=mail.settled_at and mail.settled_at.astimezone(UTC),
    )
