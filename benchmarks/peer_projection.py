"""The peer's projection runner on PostgreSQL, as its documentation teaches: a view beside its tracking, one transaction an event."""

from time import perf_counter
from typing import Any

from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL

from benchmarks import peer
from benchmarks.postgres_commit import peer_environment

STREAM = 50
"""Events of a stream, recorded before the runner starts."""


class StockView(PostgresTrackingRecorder):
    """A table of stock."""

    def __init__(self, datastore: PostgresDatastore, **options: Any) -> None:  # noqa: ANN401 - passed on
        """Add it to what the recorder makes."""
        super().__init__(datastore, **options)
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS stock_view (id uuid PRIMARY KEY, total bigint, reserved bigint)").format()
        )

    def change(self, stock_id: object, total: int, reserved: int, tracking: Tracking) -> None:
        """Add to the counters of a product, and note that the event was dealt with."""
        with self.datastore.transaction(commit=True) as statements:
            self._insert_tracking(statements, tracking)
            statements.execute(
                "INSERT INTO stock_view VALUES (%s, %s, %s) ON CONFLICT (id) DO UPDATE"
                " SET total = stock_view.total + excluded.total, reserved = stock_view.reserved + excluded.reserved",
                [stock_id, total, reserved],
                prepare=True,
            )


class StockProjection(Projection[StockView]):
    """What an event does to the view."""

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ANN401 - the peer's events have no common type
        """Count it."""
        if isinstance(domain_event, peer.Stock.StockReserved):
            self.view.change(domain_event.originator_id, 0, domain_event.quantity, tracking)
        else:
            self.view.change(domain_event.originator_id, domain_event.total, 0, tracking)


def projected(url: str, events: int) -> float:
    """Record events, then have the runner project them; give events per second."""
    environment = peer_environment(url)
    app = peer.Plain(environment)
    for _ in range(events // STREAM):
        peer.fill(app, STREAM)
    last = app.recorder.max_notification_id()
    app.close()
    began = perf_counter()
    with ProjectionRunner(
        application_class=peer.Plain, projection_class=StockProjection, view_class=StockView, env=environment
    ) as runner:
        runner.wait(last, timeout=600)
        return events / (perf_counter() - began)
