"""Finding the event at fault where a row is refused: each is applied in a transaction of its own."""

from dataclasses import replace

from core.delivery.stream_batch import StreamBatch
from core.delivery.transactions import NotWritten, Transactions
from core.ports.projection_store import Change, Parked, RowRefused


class Isolation:
    """Applies a stream event by event, up to the store's head, and parks it at the one whose row is refused."""

    def __init__(self, transactions: Transactions) -> None:
        """Work with these transactions."""
        self._transactions = transactions

    def apply(self, stream: str, newest: int, generation: int) -> Parked | None:
        """Go on until nothing is left or the stream is parked; give what it is parked on.

        Raises:
            ProjectionUnavailable, StoreUnavailable: what was applied stays applied. Try again.
        """
        while True:
            try:
                parked, ended = self._step(stream, newest, generation, None)
            except RowRefused as error:
                parked, ended = self._step(stream, newest, generation, error)
            if ended:
                return parked

    def _step(
        self, stream: str, newest: int, generation: int, refused: RowRefused | None
    ) -> tuple[Parked | None, bool]:
        try:
            with self._transactions.begun_alone(generation, stream) as (transaction, batch):
                change, ended = self._change(batch, newest, refused)
                transaction.save({generation: [change]})
        except NotWritten:
            return None, True
        return change.parked, ended

    @staticmethod
    def _change(batch: StreamBatch, newest: int, refused: RowRefused | None) -> tuple[Change, bool]:
        if refused:
            parked = batch.park(batch.cursor.version + 1, refused, newest)
            return Change(batch.stream, batch.cursor, batch.cursor, batch.row, parked), True
        change = batch.advance(newest)
        ended = change.parked is not None or change.after == change.before
        if batch.parked and not ended:
            # It stays parked up to the head: the doorbells of what follows were acknowledged long ago, and a crash between two
            # steps must not leave it to them.
            waiting = replace(batch.parked, version=change.after.version + 1, attempts=0)
            change = change._replace(parked=waiting)
        return change, ended
