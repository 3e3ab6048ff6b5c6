"""Who commits also publishes: what was done is counted, however many commit at the same time."""

import threading
from collections import Counter
from contextlib import suppress
from functools import partial

from adapters.inmemory import InMemoryBroker, InMemoryEventPublisher, InMemoryEventStore
from adapters.serialization.recording import record
from adapters.system.environment import system_environment
from core.delivery.publishing import PublishingEventStore
from tests.support.commits import adding, stock_added
from tests.unit.delivery.scene import CODEC


class CountsOfTwo(Counter[str]):
    """Counts that two threads look at before either of them writes, if nothing keeps them apart."""

    def __init__(self) -> None:
        """Count nothing yet."""
        super().__init__()
        self.both = threading.Barrier(2)

    def __getitem__(self, name: str) -> int:
        """Wait a moment for the other."""
        count = super().__getitem__(name)
        with suppress(threading.BrokenBarrierError):
            self.both.wait(0.1)
        return count


def test_two_who_publish_at_the_same_time_are_both_counted() -> None:
    environment = system_environment()
    publishing = PublishingEventStore(
        InMemoryEventStore(CODEC, environment),
        InMemoryEventPublisher(InMemoryBroker(CODEC), environment),
        partial(record, CODEC),
        environment,
    )
    publishing.counts = CountsOfTwo()
    commits = [adding(stock_added(), to=stream, at_version=0) for stream in ("a", "b")]
    threads = [threading.Thread(target=publishing.commit, args=(commit,)) for commit in commits]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert dict(publishing.counts) == {"acknowledged": 2}
