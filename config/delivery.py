"""How committed events reach their readers, by the setting DELIVERY, where that is not the store's own feed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from config.backends import Backends
from config.read_side import StoreProblem
from config.settings import Settings
from config.transport import open_transport
from core.delivery.publishing import PublishingEventStore
from core.delivery.relayed_feed import RelayedFeed
from core.delivery.sparing import SparingPublisher
from core.ports.environment import Environment
from core.ports.event_publisher import EventPublisher, PublishFailed
from core.ports.event_store import EventStore
from core.ports.events import Codec, RecordedEvent


def own_feed(settings: Settings) -> str:
    """Name the feed that the store has by itself, as a projector keeps it."""
    return f"kinesis {settings.kinesis_stream_name}" if settings.store == "dynamodb" else settings.store


def feed_name(settings: Settings) -> str:
    """Name the feed that projectors follow by these settings, as they keep it."""
    match settings.carried_by:
        case "kafka":
            return f"kafka {settings.kafka_topic}"
        case "kinesis":
            return f"kinesis {settings.published_stream_name}"
        case "memory":
            return "a topic in memory"
    return own_feed(settings)


def published(backends: Backends, settings: Settings, codec: Codec, environment: Environment) -> Backends:
    """Give the backends with their events published, by who commits or by a relay, and read from where they are published to."""
    from adapters.serialization.recording import record

    transport = open_transport(settings, codec, environment)

    def close() -> None:
        transport.close()
        backends.close()

    if outbox := backends.outbox:
        return replace(
            backends,
            publisher=transport.publisher,
            feed=lambda projector: RelayedFeed(transport.feed(projector), outbox, environment),
            close=close,
        )
    publisher = SparingPublisher(_WhenNeeded(transport.publisher), environment)
    store = PublishingEventStore(backends.event_store, publisher, partial(record, codec), environment)
    return replace(backends, event_store=cast("EventStore", store), feed=transport.feed, close=close)


class _WhenNeeded:
    """A publisher that is opened by the first event: who commits nothing needs no broker."""

    def __init__(self, make: Callable[[], EventPublisher]) -> None:
        self._make = make

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Open it where it is not yet, and hand them over."""
        try:
            publisher = self._make()
        except StoreProblem as problem:
            raise PublishFailed(events, str(problem)) from problem
        publisher.publish(events)

    def close(self) -> None:
        """Do nothing: who made it closes it."""
