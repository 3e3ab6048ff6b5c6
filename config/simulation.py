"""The adapters in memory that one simulated run stands on, without the processes that use them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from adapters.inmemory import (
    InMemoryBroker,
    InMemoryBrokerFeed,
    InMemoryEventFeed,
    InMemoryEventPublisher,
    InMemoryEventStore,
    InMemoryMailQueue,
    InMemoryOutbox,
    InMemoryProjectionStore,
    InMemoryQueries,
    InMemorySnapshotStore,
)
from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import record
from adapters.smtp import CatchingMailer
from core.ports.commit import Commit
from core.ports.environment import Environment
from core.ports.event_feed import EventFeed
from core.ports.event_publisher import EventPublisher
from core.ports.events import RecordedEvent
from core.ports.mail_queue import MailQueue
from core.ports.mailer import MailCatcher
from core.ports.outbox import Outbox
from core.ports.queries import Queries
from core.ports.snapshot_store import SnapshotStore
from core.projections.mails import NOTIFIER
from core.projections.rows import FOLDS, READ_MODELS

PARTITIONS = 4

SENDER = "EC Shop <orders@shop.example>"

EVERYTHING = 1_000_000
"""More mails than a run sends."""


@dataclass(frozen=True, slots=True)
class Adapters:
    """What outlives every process: stores, broker, queue. A stream that is published `keyed` keeps to one partition."""

    codec: JsonCodec
    events: InMemoryEventStore
    outbox: Outbox
    snapshots: SnapshotStore
    projections: Mapping[str, InMemoryProjectionStore]
    queries: Queries
    mail_queue: MailQueue
    keyed: EventPublisher
    unkeyed: EventPublisher
    mailer: MailCatcher
    feed: Callable[[str], EventFeed]
    record: Callable[[Commit], Sequence[Sequence[RecordedEvent]]]


def open_adapters(environment: Environment, *, outbox: bool, published: bool) -> Adapters:
    """Open empty ones. With `outbox`, commits are marked; with `published`, consumers read the broker and not the store's log."""
    codec, marks = JsonCodec(), InMemoryOutbox()
    events = InMemoryEventStore(codec, environment, marks.mark) if outbox else InMemoryEventStore(codec, environment)
    broker, mails = InMemoryBroker(codec, PARTITIONS), InMemoryMailQueue()
    projections = {
        name: InMemoryProjectionStore(environment, name, FOLDS, mails.enqueue) for name in (READ_MODELS, NOTIFIER)
    }

    def feed(projector: str) -> EventFeed:
        if published:
            return InMemoryBrokerFeed(broker, projector, environment)
        return InMemoryEventFeed(events, environment)

    return Adapters(
        codec,
        events,
        marks,
        InMemorySnapshotStore(),
        projections,
        InMemoryQueries(projections[READ_MODELS]),
        mails,
        InMemoryEventPublisher(broker, environment),
        InMemoryEventPublisher(broker, environment, keyed=False),
        CatchingMailer(SENDER, EVERYTHING),
        feed,
        partial(record, codec),
    )
