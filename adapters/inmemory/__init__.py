"""Everything in this process's memory, encoded as elsewhere: the test bed, the demo shop and the comparison run on it."""

from adapters.inmemory.event_feed import InMemoryEventFeed
from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.mail_queue import InMemoryMailQueue
from adapters.inmemory.projection_store import InMemoryProjectionStore
from adapters.inmemory.queries import InMemoryQueries
from adapters.inmemory.snapshot_store import InMemorySnapshotStore

__all__ = [
    "InMemoryEventFeed",
    "InMemoryEventStore",
    "InMemoryMailQueue",
    "InMemoryProjectionStore",
    "InMemoryQueries",
    "InMemorySnapshotStore",
]
