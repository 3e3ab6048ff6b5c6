"""The adapters that each port's suite runs on. A promise is a test; an adapter is a line here."""

from collections.abc import Callable, Iterator

import pytest

from core.ports.event_store import EventStore
from core.ports.snapshot_store import SnapshotStore
from tests.contract.harness import EventStoreHarness
from tests.contract.memory_harness import MemoryHarness

EVENT_STORES = [
    pytest.param("memory", marks=pytest.mark.memory),
    pytest.param("moto", marks=pytest.mark.moto),
    pytest.param("ministack", marks=pytest.mark.ministack),
]


@pytest.fixture
def open_harness(request: pytest.FixtureRequest) -> Callable[[str], Iterator[EventStoreHarness]]:
    """Give what opens a harness by its adapter's name, and closes it afterwards."""

    def opened(adapter: str) -> Iterator[EventStoreHarness]:
        if adapter == "memory":
            yield MemoryHarness()
            return
        from tests.contract.dynamodb_harness import DynamoDBHarness  # noqa: PLC0415 - the memory run needs no boto3

        dynamodb = DynamoDBHarness.open(request.getfixturevalue(f"{adapter}_endpoint"))
        try:
            yield dynamodb
        finally:
            dynamodb.close()

    return opened


@pytest.fixture(params=EVENT_STORES)
def harness(request: pytest.FixtureRequest) -> Iterator[EventStoreHarness]:
    """Give one empty event store and the means to hurt it."""
    yield from request.getfixturevalue("open_harness")(request.param)


@pytest.fixture
def store(harness: EventStoreHarness) -> EventStore:
    """Give the event store under test."""
    return harness.store


@pytest.fixture
def snapshots(harness: EventStoreHarness) -> SnapshotStore:
    """Give the snapshot store under test."""
    return harness.snapshots
