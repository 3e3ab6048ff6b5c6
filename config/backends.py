"""The stores behind a shop, by the setting STORE: everything in memory, or everything in one PostgreSQL."""

from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings
from core.ports.environment import Environment
from core.ports.event_feed import EventFeed
from core.ports.event_store import EventStore
from core.ports.events import Codec
from core.ports.mail_queue import MailQueue
from core.ports.projection_store import ProjectionStore
from core.ports.queries import Queries
from core.ports.snapshot_store import SnapshotStore
from core.projections.rows import FOLDS

READ_MODELS, NOTIFIER = "read-models", "notifier"
"""The projectors."""


@dataclass(frozen=True, slots=True)
class Backends:
    """One adapter of each port; `projections` and `feed` are made for a projector by its name."""

    event_store: EventStore
    snapshots: SnapshotStore
    queries: Queries
    mail_queue: MailQueue
    projections: Callable[[str], ProjectionStore]
    feed: Callable[[str], EventFeed]
    close: Callable[[], None]


def open_backends(settings: Settings, codec: Codec, environment: Environment) -> Backends:
    """Open what STORE names.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    return {"memory": _memory}[settings.store](settings, codec, environment)


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
        projections.__getitem__,
        lambda _projector: InMemoryEventFeed(store, environment),
        lambda: None,
    )
