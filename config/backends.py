"""The stores behind a shop, by the setting STORE: all in memory, all in one PostgreSQL, or events in DynamoDB and rows in PostgreSQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.read_side import StoreProblem, open_read_side
from config.settings import Settings
from core.ports.environment import Environment
from core.ports.event_feed import EventFeed
from core.ports.event_publisher import EventPublisher
from core.ports.event_store import EventStore
from core.ports.events import Codec
from core.ports.mail_queue import MailQueue
from core.ports.outbox import Outbox
from core.ports.projection_store import ProjectionStore
from core.ports.queries import Queries
from core.ports.snapshot_store import SnapshotStore
from core.projections.mails import NOTIFIER
from core.projections.rows import FOLDS, READ_MODELS

if TYPE_CHECKING:
    from adapters.kinesis.event_feed import KinesisEventFeed

__all__ = ["Backends", "StoreProblem", "open_backends"]


@dataclass(frozen=True, slots=True)
class Backends:
    """One adapter of each port; `projections` and `feed` are made for a projector by its name.

    `outbox` has the marks where DELIVERY is outbox; `publisher` opens where they are published to.
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
    outbox: Outbox | None = None
    publisher: Callable[[], EventPublisher] | None = None


def open_backends(settings: Settings, codec: Codec, environment: Environment) -> Backends:
    """Open what STORE names.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    open_them = {"memory": _memory, "postgres": _postgres, "dynamodb": _dynamodb}[settings.store]
    backends = open_them(settings, codec, environment)
    if settings.delivery == "cdc":
        return backends
    from config.delivery import published

    return published(backends, settings, codec, environment)


def _memory(settings: Settings, codec: Codec, environment: Environment) -> Backends:
    from adapters.inmemory import (
        InMemoryEventFeed,
        InMemoryEventStore,
        InMemoryMailQueue,
        InMemoryOutbox,
        InMemoryProjectionStore,
        InMemoryQueries,
        InMemorySnapshotStore,
    )

    outbox, mails = InMemoryOutbox() if settings.delivery == "outbox" else None, InMemoryMailQueue()
    store = InMemoryEventStore(codec, environment, outbox.mark) if outbox else InMemoryEventStore(codec, environment)
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
        outbox,
    )


def _postgres(settings: Settings, codec: Codec, environment: Environment) -> Backends:
    from adapters.postgres.event_feed import PostgresEventFeed
    from adapters.postgres.event_store import PostgresEventStore
    from adapters.postgres.outbox import PostgresOutbox
    from adapters.postgres.snapshot_store import PostgresSnapshotStore

    read_side = open_read_side(settings, environment)
    pool, budget, relayed = read_side.pool, settings.commit_budget, settings.delivery == "outbox"
    feeds = {name: PostgresEventFeed(read_side.url, pool, name, codec, environment) for name in read_side.projections}

    def close() -> None:
        for feed in feeds.values():
            feed.close()
        pool.close()

    return Backends(
        PostgresEventStore(pool, codec, environment, budget, outbox=relayed),
        PostgresSnapshotStore(pool, environment, budget),
        read_side.queries,
        read_side.mail_queue,
        {"database": read_side.projections[READ_MODELS].generations},
        read_side.projections.__getitem__,
        feeds.__getitem__,
        close,
        PostgresOutbox(pool, codec) if relayed else None,
    )


def _dynamodb(settings: Settings, codec: Codec, environment: Environment) -> Backends:
    from config.dynamodb import StoreProblem as Problem
    from config.dynamodb import open_feed, open_stores

    read_side = open_read_side(settings, environment)
    feeds: dict[str, KinesisEventFeed] = {}

    def feed_of(projector: str) -> EventFeed:
        """Open it when it is first asked for: what mends a feed (reconcile, rebuild) must not need it."""
        try:
            feeds[projector] = open_feed(settings, projector, codec, environment)
        except Problem as problem:
            raise StoreProblem(str(problem)) from None
        return feeds[projector]

    def close() -> None:
        for feed in feeds.values():
            feed.close()
        read_side.pool.close()

    try:
        stores = open_stores(settings, codec, environment, settings.commit_budget)
    except Problem as problem:
        close()
        raise StoreProblem(str(problem)) from None
    return Backends(
        stores.events,
        stores.snapshots,
        read_side.queries,
        read_side.mail_queue,
        {"database": read_side.projections[READ_MODELS].generations},
        read_side.projections.__getitem__,
        feed_of,
        close,
        stores.outbox if settings.delivery == "outbox" else None,
    )
