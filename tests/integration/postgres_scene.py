"""A consumer on PostgreSQL whose events come from memory, where they can be damaged."""

from adapters.inmemory import InMemoryEventFeed, InMemoryEventStore
from adapters.postgres.projection import PostgresProjectionStore
from adapters.serialization.codec import JsonCodec
from core.delivery.consumer import Consumer
from core.delivery.projector import Projector
from core.domain.inventory import Inventory
from core.ports.event_feed import Doorbell
from core.projections.rows import FOLDS
from tests.support.commits import adding, versions
from tests.support.environment import armed_environment
from tests.unit.delivery.scene import BreakableFold


class PostgresScene:
    """An event store in memory, whose events a consumer puts into PostgreSQL."""

    def __init__(self, projections: PostgresProjectionStore) -> None:
        """Start empty."""
        self.environment, self.failpoints = armed_environment()
        self.store = InMemoryEventStore(JsonCodec(), self.environment)
        self.projections = projections
        self.fold = BreakableFold()
        self.consumer = self.consumer_on(self.projections)
        self.feed = InMemoryEventFeed(self.store, self.environment)
        self.projector = Projector(self.feed, self.consumer, self.environment)

    def consumer_on(self, projections: PostgresProjectionStore) -> Consumer:
        """Give a consumer through other connections."""
        return Consumer(self.store, projections, {FOLDS: self.fold}, self.environment)

    def write(self, stream: str, *events: object) -> None:
        """Commit events at the stream's head."""
        self.store.commit(adding(*events, to=stream, at_version=len(versions(self.store, stream))))

    def doorbells(self) -> list[Doorbell]:
        """Give those of every event."""
        return [Doorbell(event.stream, event.version, event, event.id) for event in self.store.replay()]

    def totals(self) -> dict[str, int]:
        """Tell the units in each stream's row."""
        rows = {stream: standing.row for stream, standing in self.projections.all_standings()}
        return {stream: row.state.total for stream, row in rows.items() if row and isinstance(row.state, Inventory)}
