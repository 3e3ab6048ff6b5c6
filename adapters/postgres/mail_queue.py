"""The mail queue on PostgreSQL: one row an event, put there by a projector's batch."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, overload

from adapters.postgres.connections import Pool, connected
from adapters.postgres.generations import unavailable
from core.ports.mail_queue import Leased, Mail, MailStatus

COLUMNS = ", ".join(f"mail.{name}" for name in Mail._fields)

# Rows that another sender is just taking are passed over, not waited for. The status before tells whether its sender was lost.
LEASE = f"""
    WITH free AS (
        SELECT event_id, status AS before FROM shop_state.mail_queue AS mail
        WHERE status IN ('pending', 'sending') AND (due_at <= %(now)s) IS NOT FALSE AND NOT EXISTS (
            SELECT FROM shop_state.mail_queue AS earlier
            WHERE earlier.stream = mail.stream AND earlier.version < mail.version AND earlier.status IN ('pending', 'sending')
        )
        ORDER BY happened_at, event_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), leased AS (
        UPDATE shop_state.mail_queue AS mail SET status = 'sending', attempts = attempts + 1, due_at = %(until)s
        FROM free WHERE mail.event_id = free.event_id
        RETURNING {COLUMNS}, before = 'sending' AS abandoned
    ) SELECT * FROM leased ORDER BY happened_at, event_id
"""
SETTLE = """
    UPDATE shop_state.mail_queue
    SET status = %(status)s, recipient = %(recipient)s, error = %(error)s, due_at = %(due_at)s, settled_at = %(settled_at)s
    WHERE event_id = %(event_id)s AND status = 'sending' AND attempts = %(attempts)s
"""
QUEUED = "SELECT event_id FROM shop_state.mail_queue WHERE event_id = ANY(%s)"
LIST = f"""
    SELECT {COLUMNS} FROM shop_state.mail_queue AS mail WHERE (status = %(status)s) IS NOT FALSE
    ORDER BY happened_at DESC, event_id DESC LIMIT %(limit)s
"""


class PostgresMailQueue:
    """The `MailQueue` of `core.ports.mail_queue`; each call is one statement."""

    def __init__(self, pool: Pool) -> None:
        """Use a database that `check` found fit."""
        self._pool = pool

    def lease(self, limit: int, now: datetime, until: datetime) -> Sequence[Leased]:
        """Take what is free; while it is leased, `due_at` is the end of the lease."""
        with unavailable(), connected(self._pool) as connection:
            rows = connection.execute(LEASE, {"limit": limit, "now": now, "until": until})
            return [Leased(_mail(mail), abandoned) for *mail, abandoned in rows]

    def settle(self, mail: Mail) -> bool:
        """Write how it went, if it is still ours."""
        with unavailable(), connected(self._pool) as connection:
            return connection.execute(SETTLE, mail._asdict()).rowcount == 1

    def queued(self, event_ids: Collection[str]) -> Collection[str]:
        """Look them up."""
        with unavailable(), connected(self._pool) as connection:
            return [event_id for (event_id,) in connection.execute(QUEUED, [list(event_ids)])]

    def mails(self, limit: int = 100, status: MailStatus | None = None) -> Sequence[Mail]:
        """List them, newest event first."""
        with unavailable(), connected(self._pool) as connection:
            return [_mail(row) for row in connection.execute(LIST, {"limit": limit, "status": status})]


def _mail(row: Sequence[Any]) -> Mail:
    mail = Mail._make(row)
    return mail._replace(happened_at=_utc(mail.happened_at), due_at=_utc(mail.due_at), settled_at=_utc(mail.settled_at))


@overload
def _utc(at: datetime) -> datetime: ...
@overload
def _utc(at: datetime | None) -> datetime | None: ...
def _utc(at: datetime | None) -> datetime | None:
    return at and at.astimezone(UTC)
