"""Without a key, a broker in memory takes events where it holds least, and a stream has no order: what the older design lived with."""

import pytest

from adapters.inmemory import InMemoryBroker, InMemoryEventPublisher
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.ports.events import RecordedEvent
from tests.unit.delivery.scene import Scene


@pytest.fixture
def stream() -> list[RecordedEvent]:
    """Give eight events of one stream."""
    scene = Scene()
    scene.fill("one", 8)
    return list(scene.store.read("one"))


@pytest.mark.parametrize(("keyed", "sizes"), [(False, [2, 2, 2, 2]), (True, [0, 0, 0, 8])])
def test_a_stream_keeps_to_a_partition_only_with_a_key(
    stream: list[RecordedEvent], *, keyed: bool, sizes: list[int]
) -> None:
    broker = InMemoryBroker(JsonCodec(), 4)

    InMemoryEventPublisher(broker, system_environment(), keyed=keyed).publish(stream)

    assert sorted(map(len, broker.partitions)) == sizes
