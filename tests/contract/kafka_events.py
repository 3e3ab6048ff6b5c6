"""Small things that the tests of Kafka say again and again."""

from collections.abc import Sequence

from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import record
from core.ports.event_feed import Delivery, Doorbell, EventFeed
from core.ports.events import RecordedEvent
from tests.support.commits import append, commit_of, stock_added


def events_of(stream: str, count: int, at_version: int = 0) -> list[RecordedEvent]:
    """Give the next events of a stream, as a store records them."""
    added = [stock_added(number + 1) for number in range(count)]
    (events,) = record(JsonCodec(), commit_of(append(stream, at_version, *added)))
    return events


def many_streams(count: int, versions: int) -> list[RecordedEvent]:
    """Give events of so many streams, which fall on all partitions."""
    return [event for number in range(count) for event in events_of(f"stream-{number}", versions)]


def places(deliveries: Sequence[Delivery]) -> list[tuple[str, int]]:
    """Give the stream and version of each."""
    assert all(isinstance(each, Doorbell) for each in deliveries)
    return [(each.stream, each.version) for each in deliveries if isinstance(each, Doorbell)]


def places_of(events: Sequence[RecordedEvent]) -> set[tuple[str, int]]:
    """Give the stream and version of each."""
    return {(event.stream, event.version) for event in events}


def partitions_of(deliveries: Sequence[Delivery]) -> set[str]:
    """Give the partitions that these came from."""
    return {each.position.partition(":")[0] for each in deliveries}


def drained(feed: EventFeed) -> list[Delivery]:
    """Take all that there is."""
    taken: list[Delivery] = []
    while deliveries := feed.poll(100):
        feed.acknowledge(deliveries)
        taken += deliveries
    return taken
