"""Everything in this process's memory, encoded as elsewhere: the test bed, the demo shop and the comparison run on it."""

from adapters.inmemory.broker import InMemoryBroker, InMemoryBrokerFeed, InMemoryEventPublisher
from adapters.inmemory.event_feed import InMemoryEventFeed
from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.mail_queue import InMemoryMailQueue
from adapters.inmemory.outbox import InMemoryOutbox
from adapters.inmemory.projection_store import InMemoryProjectionStore
from adapters.inmemory.queries import InMemoryQueries
from adapters.inmemory.snapshot_store import InMemorySnapshotStore

__all__ = [
    "InMemoryBroker",
    "InMemoryBrokerFeed",
    "InMemoryEventFeed",
    "InMemoryEventPublisher",
    "InMemoryEventStore",
    "InMemoryMailQueue",
    "InMemoryOutbox",
    "InMemoryProjectionStore",
    "InMemoryQueries",
    "InMemorySnapshotStore",
]
