"""The stores behind a shop, by the setting STORE: everything in memory, or everything in one PostgreSQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config.settings import Settings
from core.ports.environment import Environment
from core.ports.event_feed import EventFeed
from core.ports.event_store import EventStore
from core.ports.events import Codec
from core.ports.mail_queue import MailQueue
from core.ports.projection_store import ProjectionStore, ProjectionUnavailable
from core.ports.queries import Queries
from core.ports.snapshot_store import SnapshotStore
from core.projections.rows import FOLDS

READ_MODELS, NOTIFIER = "read-models", "notifier"
"""The projectors."""


class StoreProblem(Exception):
    """The stores cannot be opened; the text is a sentence that names the setting."""


@dataclass(frozen=True, slots=True)
class Backends:
    """One adapter of each port; `projections` and `feed` are made for a projector by its name.

    `probes` ask what else than the event store may be away, by name; each raises `ProjectionUnavailable` where it is.
    """

    event_store: EventStore
    snapshots: SnapshotStore
    queries: Queries
    mail_queue: MailQueue
    probes: Mapping[str, Callable[[], object]]
    projections: Callable[[str], ProjectionStore]
    feed: Callable[[str], EventFeed]
    close: Callable[[], None]


def open_backends(settings: Settings, codec: Codec, environment: Environment) -> Backends:
    """Open what STORE names.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    return {"memory": _memory, "postgres": _postgres}[settings.store](settings, codec, environment)


def _memory(_settings: Settings, codec: Codec, environment: Environment) -> Backends:
    from adapters.inmemory import (
        InMemoryEventFeed,
        InMemoryEventStore,
        InMemoryMailQueue,
        InMemoryProjectionStore,
        InMemoryQueries,
        InMemorySnapshotStore,
    )

    store, mails = InMemoryEventStore(codec, environment), InMemoryMailQueue()
    projections = {
        name: InMemoryProjectionStore(environment, name, FOLDS, mails.enqueue) for name in (READ_MODELS, NOTIFIER)
    }
    return Backends(
        store,
        InMemorySnapshotStore(),
        InMemoryQueries(projections[READ_MODELS]),
        mails,
        {},
        projections.__getitem__,
        lambda _projector: InMemoryEventFeed(store, environment),
        lambda: None,
    )


def _postgres(settings: Settings, codec: Codec, environment: Environment) -> Backends:
    from adapters.postgres.connections import PostgresProblem, open_pool
    from adapters.postgres.event_feed import PostgresEventFeed
    from adapters.postgres.event_store import PostgresEventStore
    from adapters.postgres.mail_queue import PostgresMailQueue
    from adapters.postgres.migrating import check
    from adapters.postgres.projection import PostgresProjectionStore
    from adapters.postgres.queries import PostgresQueries
    from adapters.postgres.snapshot_store import PostgresSnapshotStore

    if settings.database_url is None:
        raise StoreProblem("STORE=postgres needs DATABASE_URL, the address of a PostgreSQL.")
    url, budget = settings.database_url.get_secret_value(), settings.commit_budget
    try:
        check(url)
        pool = open_pool(url, "ecshop")
    except PostgresProblem as problem:
        raise StoreProblem(str(problem)) from None
    projections = {name: PostgresProjectionStore(pool, environment, name) for name in (READ_MODELS, NOTIFIER)}
    try:
        established = all(each.generations() for each in projections.values())
    except ProjectionUnavailable as error:
        pool.close()
        raise StoreProblem(f"The database that DATABASE_URL names does not answer: {error}.") from None
    if not established:  # `migrate` was cut short after its last step
        pool.close()
        raise StoreProblem("The database that DATABASE_URL names has no rows to read yet: run `ecshop migrate`.")
    feeds = {name: PostgresEventFeed(url, pool, name, codec, environment) for name in (READ_MODELS, NOTIFIER)}

    def close() -> None:
        for feed in feeds.values():
            feed.close()
        pool.close()

    return Backends(
        PostgresEventStore(pool, codec, environment, budget),
        PostgresSnapshotStore(pool, environment, budget),
        PostgresQueries(pool),
        PostgresMailQueue(pool),
        {"database": projections[READ_MODELS].generations},
        projections.__getitem__,
        feeds.__getitem__,
        close,
    )
