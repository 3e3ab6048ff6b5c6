"""The adapters that a process of a real run of the comparison stands on, and what is read raw when it is over."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from config.backends import open_backends
from config.database import migrate
from config.mail import make_mailer
from config.read_side import StoreProblem
from config.settings import Settings
from core.ports.commit import Commit
from core.ports.environment import Environment
from core.ports.event_feed import EventFeed
from core.ports.event_publisher import EventPublisher
from core.ports.event_store import EventStore
from core.ports.events import Codec, RecordedEvent
from core.ports.mail_queue import MailQueue
from core.ports.mailer import Mailer
from core.ports.outbox import Outbox
from core.ports.projection_store import ProjectionStore
from core.ports.queries import Queries
from core.ports.snapshot_store import SnapshotStore
from core.projections.mails import NOTIFIER
from core.projections.rows import READ_MODELS

__all__ = ["PRELOADED", "RealAdapters", "StoreProblem", "open_adapters", "prepare", "real_environment"]

PRELOADED = (
    "adapters.postgres.audit",
    "adapters.postgres.event_feed",
    "adapters.postgres.event_store",
    "adapters.postgres.mail_queue",
    "adapters.postgres.migrating",
    "adapters.postgres.outbox",
    "adapters.postgres.projection",
    "adapters.postgres.queries",
    "adapters.postgres.snapshot_store",
    "adapters.smtp",
    "config.delivery",
    "config.dynamodb",
    "config.kafka",
)
"""Modules that a process needs sooner or later: loading them takes longer than everything else that it does as it starts."""

HASTE = 5.0
"""How much faster the clock of a feed runs that has leases: those of a killed process end after 3 s, so that a run has many of them."""

SHARDS = 2
PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class RealAdapters:
    """What a process uses. `audits` keep what was folded, by projector; `record` makes the events of a commit as the store does.

    `publisher` opens the way into the broker, by whether a stream keeps to one partition.
    """

    codec: Codec
    events: EventStore
    snapshots: SnapshotStore
    queries: Queries
    mail_queue: MailQueue
    projections: Mapping[str, ProjectionStore]
    audits: Mapping[str, Any]
    outbox: Outbox | None
    feed: Callable[[str], EventFeed]
    publisher: Callable[[bool], EventPublisher]
    mailer: Mailer
    record: Callable[[Commit], Sequence[Sequence[RecordedEvent]]]
    close: Callable[[], None]


def real_environment(failpoint: Callable[[str], None]) -> Environment:
    """Give the environment of a process that may die at a failpoint."""
    from adapters.system.environment import system_environment

    return system_environment(failpoint)


def open_adapters(settings: Settings, environment: Environment) -> RealAdapters:
    """Open what the settings name; DELIVERY says whether events are marked, and whether readers follow the store or a broker.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    from adapters.postgres.audit import AuditTable
    from adapters.serialization.codec import JsonCodec
    from adapters.serialization.recording import record

    codec = JsonCodec()
    # Who publishes event by event does so around the store: the store itself is the plain one.
    plain = settings.delivery == "dual-write"
    backends = open_backends(_with(settings, delivery="cdc", transport=None) if plain else settings, codec, environment)
    projections = {name: backends.projections(name) for name in (READ_MODELS, NOTIFIER)}
    opened: list[Any] = []

    def kept(opening: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever can be closed
        opened.append(opening())
        return opened[-1]

    def close() -> None:
        for each in opened:
            each.close()
        backends.close()

    return RealAdapters(
        codec,
        backends.event_store,
        backends.snapshots,
        backends.queries,
        backends.mail_queue,
        projections,
        {name: AuditTable(each._pool, name) for name, each in projections.items()},  # type: ignore[attr-defined] # noqa: SLF001
        backends.outbox,
        cache(lambda name: kept(partial(_feed, settings, name, codec, environment, backends.feed))),
        cache(lambda keyed: kept(partial(_publisher, settings, codec, environment, keyed=keyed))),
        make_mailer(settings),
        partial(record, codec),
        close,
    )


def _with(settings: Settings, **changed: object) -> Settings:
    return settings.model_copy(update=changed)


def _feed(
    settings: Settings, projector: str, codec: Codec, environment: Environment, own: Callable[[str], EventFeed]
) -> EventFeed:
    carried_by = settings.carried_by
    if carried_by == "kafka":
        from config import kafka

        with _told_alike(kafka.BrokerProblem):
            return kafka.open_feed(settings, projector, codec, environment)
    if carried_by == "kinesis" or settings.store == "dynamodb":
        from config import dynamodb

        hasty = replace(environment, monotonic=lambda: environment.monotonic() * HASTE)
        with _told_alike(dynamodb.StoreProblem):
            return dynamodb.open_feed(settings, projector, codec, hasty)
    return own(projector)


def _publisher(settings: Settings, codec: Codec, environment: Environment, *, keyed: bool) -> EventPublisher:
    if settings.carried_by == "kinesis":
        from config import dynamodb

        with _told_alike(dynamodb.StoreProblem):
            return dynamodb.open_publisher(settings, codec, environment)
    from config import kafka

    with _told_alike(kafka.BrokerProblem):
        return kafka.open_publisher(settings, codec, environment, keyed=keyed)


@contextmanager
def _told_alike(problem: type[Exception]) -> Iterator[None]:
    try:
        yield
    except problem as told:
        raise StoreProblem(str(told)) from told


def prepare(settings: Settings) -> None:
    """Make everything that a run needs, on servers that have nothing yet.

    Raises:
        StoreProblem, BrokerProblem: one sentence naming the setting.
    """
    environment = real_environment(lambda _: None)
    migrate(settings, environment)
    if settings.store == "dynamodb":
        from config.dynamodb import make_stream, make_tables

        make_tables(settings)
        make_stream(settings, SHARDS)
    if settings.carried_by == "kafka":
        from config.kafka import make_topic

        make_topic(_with(settings, kafka_partitions=PARTITIONS))
    adapters = open_adapters(settings, environment)
    try:
        adapters.audits[READ_MODELS].make()
    finally:
        adapters.close()
