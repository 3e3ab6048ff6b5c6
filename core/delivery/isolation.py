"""Finding the event at fault where a row is refused: each is applied in a transaction of its own."""

from dataclasses import replace

from core.delivery.transactions import Transactions
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
                change, ended = self._step(stream, newest, generation, None)
            except RowRefused as error:
                change, ended = self._step(stream, newest, generation, error)
            if ended:
                return change.parked

    def _step(self, stream: str, newest: int, generation: int, refused: RowRefused | None) -> tuple[Change, bool]:
        with self._transactions.begun(generation, [stream]) as (transaction, batches):
            (batch,) = batches[generation]
            if refused:
                parked = batch.park(batch.cursor.version + 1, refused, newest)
                change, ended = Change(stream, batch.cursor, batch.cursor, batch.row, parked), True
            else:
                change = batch.advance(newest)
                ended = change.parked is not None or change.after == change.before
                if batch.parked and not ended:
                    # It stays parked up to the head: the doorbells of what follows were acknowledged long ago, and a crash
                    # between two steps must not leave it to them.
                    waiting = replace(batch.parked, version=change.after.version + 1, attempts=0)
                    change = replace(change, parked=waiting)
            transaction.save({generation: [change]})
        return change, ended
