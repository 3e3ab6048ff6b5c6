"""Snapshots on PostgreSQL: one row a stream."""

from datetime import UTC

from adapters.postgres.connections import Pool
from adapters.postgres.rows import is_name
from adapters.postgres.statements import fetched
from core.ports.environment import Environment
from core.ports.snapshot_store import Snapshot

LOAD = """
    SELECT stream, aggregate_type, version, schema_version, state, created_at FROM shop_events.snapshots WHERE stream = %s
"""
# A slow writer must not put an older state over a newer one. A repeat meets what the try before it put there.
SAVE = """
    WITH kept AS (
        INSERT INTO shop_events.snapshots AS snapshot VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (stream) DO UPDATE SET
            aggregate_type = excluded.aggregate_type, version = excluded.version,
            schema_version = excluded.schema_version, state = excluded.state, created_at = excluded.created_at
        WHERE snapshot.version < excluded.version
        RETURNING 1
    ) SELECT count(*) FROM kept
"""


class PostgresSnapshotStore:
    """The `SnapshotStore` of `core.ports.snapshot_store`."""

    def __init__(self, pool: Pool, environment: Environment, budget_seconds: float) -> None:
        """Use a database that `check` found fit. `budget_seconds` is how long one call is tried again."""
        self._pool = pool
        self._environment = environment
        self._budget = budget_seconds

    def load(self, stream: str) -> Snapshot | None:
        """Read the row."""
        rows = fetched(self._pool, self._environment, self._budget, LOAD, stream) if is_name(stream) else ()
        for name, aggregate_type, version, schema_version, state, created_at in rows:
            return Snapshot(name, aggregate_type, version, schema_version, state.encode(), created_at.astimezone(UTC))
        return None

    def save(self, snapshot: Snapshot) -> bool:
        """Write the row where it is newer than what is kept; False too where only the first answer of a repeat was lost."""
        row = (
            snapshot.stream,
            snapshot.aggregate_type,
            snapshot.version,
            snapshot.schema_version,
            snapshot.state.decode(),
            snapshot.created_at,
        )
        ((kept,),) = fetched(self._pool, self._environment, self._budget, SAVE, *row)
        return bool(kept)
