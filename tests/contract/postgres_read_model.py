"""A read model on PostgreSQL for the contract suites; `another` has connections of its own, as another process would.

`MUTANT` names a broken one to be run in its place.
"""

from adapters.postgres.connections import Pool
from adapters.postgres.projection import PostgresProjectionStore
from adapters.system.environment import system_environment
from core.ports.projection_store import ProjectionStore
from core.ports.queries import Queries
from core.projections.rows import FOLDS, READ_MODELS
from tests.contract.mutants.postgres_package import module
from tests.contract.postgres_harness import PostgresDatabase


class PostgresReadModel(PostgresDatabase):
    """One empty read model on a database of its own."""

    def __init__(self, server_url: str) -> None:
        """Make generation 1."""
        super().__init__(server_url)
        self.environment = system_environment()
        self.connections = self.pool()
        self.store = self.store_on(self.connections)
        self.store.establish(FOLDS)
        self.projections: ProjectionStore = self.store
        self.queries = self.queries_on(self.connections)

    def another(self) -> PostgresProjectionStore:
        """Open another pool."""
        return self.store_on(self.pool())

    def queries_on(self, pool: Pool) -> Queries:
        """Give the queries through another pool."""
        queries: Queries = module("queries").PostgresQueries(pool)
        return queries

    def store_on(self, pool: Pool, projector: str = READ_MODELS) -> PostgresProjectionStore:
        """Give the store of a projector on this database."""
        store: PostgresProjectionStore = module("projection").PostgresProjectionStore(pool, self.environment, projector)
        return store

    @property
    def name(self) -> str:
        """Give the database's own."""
        return str(self.execute("SELECT current_database()")[0][0])
