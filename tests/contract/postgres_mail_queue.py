"""A mail queue on PostgreSQL for its suite: mails come in by the batches of a projector."""

from adapters.postgres.projection import PostgresProjectionStore
from adapters.system.environment import system_environment
from core.ports.mail_queue import MailQueue, NewMail
from core.ports.projection_store import Change, Cursor
from tests.contract.changes import LIVE
from tests.contract.mutants.postgres_package import module
from tests.contract.postgres_harness import PostgresDatabase


class PostgresMails(PostgresDatabase):
    """One empty queue on a database of its own."""

    def __init__(self, server_url: str) -> None:
        """Make the notifier's generation 1."""
        super().__init__(server_url)
        self._projections = PostgresProjectionStore(self.pool(), system_environment(), "notifier")
        self._projections.establish(1)
        self.queue: MailQueue = self.another()

    def enqueue(self, *mails: NewMail) -> None:
        """Have a batch ask for them, each with the move of a cursor of its own."""
        with self._projections.transaction() as transaction:
            streams = [f"asks {mail.event_id}" for mail in mails]
            cursors = {stream: standing.cursor for stream, standing in transaction.lock(streams)[LIVE].items()}
            changes = {
                stream: Change(
                    stream, cursors[stream], Cursor(cursors[stream].version + 1, mail.event_id), None, mails=(mail,)
                )
                for stream, mail in zip(streams, mails, strict=True)
            }
            transaction.save({LIVE: list(changes.values())})

    def another(self) -> MailQueue:
        """Open another pool."""
        queue: MailQueue = module("mail_queue").PostgresMailQueue(self.pool())
        return queue
