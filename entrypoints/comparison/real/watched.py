"""What a real run puts before the shop's own parts to see what they do: ids that were folded, streams that were folded anew."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from core.delivery.consumer import Consumer
from core.ports.event_feed import Delivery
from core.ports.projection_store import Change, ProjectionStore
from entrypoints.comparison.audit import AuditedTransaction, Ids
from entrypoints.comparison.real.journal import Journal


class StoredAudit:
    """A projection store that keeps the ids of what was folded in a table, saved with the rows or not at all."""

    def __init__(self, projections: ProjectionStore, table: Any) -> None:  # noqa: ANN401 - it loads and saves ids in a batch
        """Keep rows in `projections`, and ids in `table`."""
        self._projections = projections
        self._table = table

    @contextmanager
    def transaction(self, only: int | None = None) -> Iterator["_Transaction"]:
        """Begin a batch."""
        with self._projections.transaction(only) as transaction:
            yield _Transaction(transaction, self._table)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Pass everything else on."""
        return getattr(self._projections, name)


class _Transaction(AuditedTransaction):
    def __init__(self, transaction: Any, table: Any) -> None:  # noqa: ANN401
        self._before: Ids = {}
        super().__init__(transaction, self._before)
        self._on = transaction
        self._table = table

    def load(self, streams: Collection[str]) -> None:
        self._before.update(self._table.load(self._on, streams))

    def save(self, changes: Mapping[int, Sequence[Change]]) -> None:
        super().save(changes)
        if self.changed:
            self._table.save(self._on, self.changed)


class NotedConsumer:
    """A consumer that notes how often a stream had to be folded anew."""

    def __init__(self, consumer: Consumer, journal: Journal) -> None:
        """Stand before `consumer`."""
        self._consumer = consumer
        self._journal = journal
        self._told: Counter[str] = Counter()

    def handle(self, deliveries: Sequence[Delivery], only: int | None = None) -> None:
        """Deal with a batch."""
        self._consumer.handle(deliveries, only)
        if refolded := self._consumer.counts["refolded"] - self._told["refolded"]:
            self._told["refolded"] += refolded
            self._journal.note("refolded", refolded)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Pass everything else on."""
        return getattr(self._consumer, name)  # type: ignore[no-any-return]
