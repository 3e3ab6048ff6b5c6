"""What outlives the processes of the shop under test, on one PostgreSQL: emptied for each shop, which takes a moment."""

from random import Random

from adapters.postgres.event_feed import PostgresEventFeed
from adapters.postgres.event_store import PostgresEventStore
from adapters.postgres.mail_queue import PostgresMailQueue
from adapters.postgres.projection import PostgresProjectionStore
from adapters.postgres.queries import PostgresQueries
from adapters.postgres.snapshot_store import PostgresSnapshotStore
from core.ports.environment import Environment
from core.ports.event_feed import EventFeed
from core.ports.event_store import EventStore
from core.ports.mail_queue import MailQueue
from core.ports.projection_store import ProjectionStore
from core.ports.queries import Queries
from core.ports.snapshot_store import SnapshotStore
from core.projections.rows import FOLDS
from tests.contract.harness import Failpoints
from tests.contract.postgres_harness import PATIENCE, PostgresDatabase, is_write, nothing
from tests.integration.shop_adapters import CODEC, TomorrowsCodec, damaging
from tests.support.environment import armed_environment
from tests.support.hostile_feed import HostileFeed
from tests.support.pauses import BUDGET, Pauses
from tests.support.postgres_proxy import postgres_proxy

FILLED = """
    SELECT string_agg(quote_ident(schemaname) || '.' || quote_ident(tablename), ', ') FROM pg_tables
    WHERE schemaname IN ('shop_events', 'shop_state', 'read_1')
        AND tablename NOT IN ('lives', 'projection_generations', 'alembic_version')
"""


class PostgresForShops(PostgresDatabase):
    """A database on which one shop after another is opened. Commits go through a proxy that cuts connections."""

    def __init__(self, server_url: str) -> None:
        """Make the database, generation 1 of both projectors, and the connections."""
        super().__init__(server_url)
        self.proxy = self._open.enter_context(postgres_proxy(self.url))
        self.cut_off, self.connections = self.pool(self.proxy.url), self.pool()
        for projector in ("read-models", "notifier"):
            PostgresProjectionStore(self.connections, armed_environment()[0], projector).establish(FOLDS)
        ((self._filled,),) = self.execute(FILLED)

    def open_adapters(self, environment: Environment, _failpoints: Failpoints, random: Random) -> "PostgresAdapters":
        """Empty every table for the next shop."""
        self.proxy.cut(is_write, answered=False)
        self.execute(f"TRUNCATE {self._filled}")
        return PostgresAdapters(self, environment, random)


class PostgresAdapters:
    """One shop on the database, where a request or an answer is lost with its connection."""

    def __init__(self, database: PostgresForShops, environment: Environment, random: Random) -> None:
        """Take the tables as empty."""
        self._database = database
        self._random = random
        self._environment = Pauses().within(environment)
        pool, cut_off = database.connections, database.cut_off
        self.store: EventStore = PostgresEventStore(cut_off, TomorrowsCodec(), self._environment, BUDGET)
        self.snapshots: SnapshotStore = PostgresSnapshotStore(pool, self._environment, PATIENCE)
        self.projections: ProjectionStore = PostgresProjectionStore(pool, self._environment)
        self.notified: ProjectionStore = PostgresProjectionStore(pool, self._environment, "notifier")
        self.queries: Queries = PostgresQueries(pool)
        self.mails: MailQueue = PostgresMailQueue(pool)

    def feed(self, projector: str) -> EventFeed:
        """Go on where the projector has acknowledged everything before."""
        feed = PostgresEventFeed("", self._database.connections, projector, CODEC, self._environment)
        return HostileFeed(feed, self._random, damaging(self._random))

    def lose_requests(self, times: int) -> None:
        """Cut the connections before the server sees the commits."""
        self._database.proxy.cut(is_write, *[nothing] * times, answered=False)

    def lose_answers(self, times: int) -> None:
        """Cut the connections after the server has done the commits."""
        self._database.proxy.cut(is_write, *[nothing] * times, answered=True)

    def heal(self) -> None:
        """Cut no more."""
        self._database.proxy.cut(is_write, answered=False)
