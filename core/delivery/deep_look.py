"""The deep part of reconciling: whether a row is the fold of its events, and whether each mail that an event asks for was queued."""

from collections.abc import Mapping
from typing import Literal

from core.delivery.stream_batch import Fold, MailsOf, no_mails
from core.delivery.transactions import known_fold
from core.domain.aggregate import Aggregate
from core.ports.event_store import EventStore
from core.ports.events import RecordedEvent
from core.ports.mail_queue import MailQueue
from core.ports.projection_store import ProjectionStore, Standing


class DeepLook:
    """Folds streams anew and compares."""

    def __init__(
        self,
        store: EventStore,
        projections: ProjectionStore,
        folds: Mapping[int, Fold],
        mails: MailQueue | None = None,
        mails_of: MailsOf = no_mails,
    ) -> None:
        """Compare with these; a projector that asks for mails has a queue."""
        self._store = store
        self._projections = projections
        self._folds = folds
        self._mails = mails
        self._mails_of = mails_of

    def fold(self, generation: int | None) -> Fold:
        """Give the fold that fills a generation, or the live one.

        Raises:
            UnknownFolds: it is one that this code does not have.
            ProjectionUnavailable: it cannot be told.
        """
        known = self._projections.generations()
        of = next(each for each in known if each.number == generation or (generation is None and each.status == "live"))
        return known_fold(self._folds, of)

    def difference(self, stream: str, standing: Standing, fold: Fold) -> Literal["another row", "mails missing"] | None:
        """Tell how the stream differs up to its cursor, which must be at the store's head.

        Raises:
            StreamDamaged, StoreUnavailable, ProjectionUnavailable: it cannot be told.
        """
        state, wanted = None, set[str]()
        for event in self._store.read(stream):
            if event.version > standing.cursor.version:
                break
            state = _folded(fold, state, event)
            wanted |= {mail.event_id for mail in self._mails_of(event)}
        row = standing.row
        if (row.state if row else None) != state or (row and row.version != standing.cursor.version):
            return "another row"
        if self._mails and wanted and wanted - set(self._mails.queued(wanted)):
            return "mails missing"
        return None


def _folded(fold: Fold, state: Aggregate | None, event: RecordedEvent) -> Aggregate | None:
    try:
        return fold(state, event)
    except Exception:  # noqa: BLE001 - the event's fault; its stream is parked, or will be, and redrive is what mends it
        return state
