"""Which events a projector folded: kept in the rows' own transaction, because wrong histories make right rows by luck."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from core.delivery.stream_batch import Fold
from core.domain.aggregate import Aggregate
from core.ports.events import RecordedEvent
from core.ports.projection_store import Change, ProjectionStore, ProjectionTransaction, Row, Standing


class Audited(NamedTuple):
    """A row's state, None where the projector keeps no rows, and the ids of the events that were folded into it, in order."""

    state: Aggregate | None
    ids: tuple[str, ...]


Ids = dict[str, tuple[str, ...]]
"""By stream, the ids of the events that were folded."""


def audited_fold(fold: Fold) -> Any:  # noqa: ANN401 - to a consumer, what is audited is just another state
    """Give the same fold, which also notes each event; from the first event on it begins afresh, as the fold does."""

    def folded(audited: Audited | None, event: RecordedEvent) -> Audited:
        state = fold(audited.state if audited else None, event)
        return Audited(state, (*(audited.ids if audited else ()), event.id))

    return folded


class AuditedProjections:
    """A projection store that keeps the ids beside the rows. `saved` is told of each stream when its transaction is committed."""

    def __init__(self, projections: ProjectionStore, saved: Callable[[str, tuple[str, ...]], None]) -> None:
        """Keep rows in `projections`."""
        self.ids: Ids = {}
        self._projections = projections
        self._saved = saved

    @contextmanager
    def transaction(self, only: int | None = None) -> Iterator["AuditedTransaction"]:
        """Begin a batch; rows and ids are saved together or not at all."""
        with self._projections.transaction(only) as transaction:
            audited = AuditedTransaction(transaction, self.ids)
            yield audited
        self.ids.update(audited.changed)
        for stream, ids in audited.changed.items():
            self._saved(stream, ids)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Pass everything else on."""
        return getattr(self._projections, name)


class AuditedTransaction:
    """A batch whose states carry what was folded into them; `changed` is what was saved of it, by stream."""

    def __init__(self, transaction: ProjectionTransaction, ids: Ids) -> None:
        """Take what was folded before from `ids`."""
        self.changed: Ids = {}
        self._transaction = transaction
        self._ids = ids
        self.generations = transaction.generations
        self.note_unreadable = transaction.note_unreadable

    def lock(self, streams: Collection[str]) -> Mapping[int, Mapping[str, Standing]]:
        """Lock and load, rows with their ids."""
        locked = self._transaction.lock(streams)
        self.load(streams)
        return {
            number: {name: self._with_ids(name, each) for name, each in of.items()} for number, of in locked.items()
        }

    def load(self, streams: Collection[str]) -> None:
        """Have the ids of these at hand, now that they are locked; in memory they are."""

    def _with_ids(self, stream: str, standing: Standing) -> Standing:
        ids = self._ids.get(stream, ())
        if not ids:
            return standing
        state = standing.row.state if standing.row else None
        return standing._replace(row=Row(stream, standing.cursor.version, Audited(state, ids)))  # type: ignore[arg-type]

    def save(self, changes: Mapping[int, Sequence[Change]]) -> None:
        """Save the rows alone, and remember the ids."""
        self._transaction.save({number: [self._without_ids(each) for each in of] for number, of in changes.items()})

    def _without_ids(self, change: Change) -> Change:
        row: Any = change.row
        self.changed[change.stream] = row.state.ids if row else ()
        if row is None:
            return change
        kept = Row(row.stream, row.version, row.state.state) if row.state.state is not None else None
        return change._replace(row=kept)
