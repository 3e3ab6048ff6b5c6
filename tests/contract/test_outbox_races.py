"""What an outbox owes while several commit, and several relay, at the same moment."""

import threading
from collections.abc import Iterator, Sequence
from itertools import count

import pytest

from adapters.system.environment import system_environment
from core.delivery.relay import Relay
from core.ports.event_store import Conflict, EventStore
from core.ports.events import RecordedEvent
from tests.contract.conftest import marked
from tests.contract.harness import EventStoreHarness
from tests.support.commits import append, commit_of

pytestmark = pytest.mark.races

STREAMS = [f"s-{number}" for number in range(6)]
COMMITS = 25
"""Of each writer."""


@pytest.fixture(params=["memory", *marked(("ministack", "postgres"))])
def harness(request: pytest.FixtureRequest) -> Iterator[EventStoreHarness]:
    """Give an empty store; moto is not atomic under threads, so no race is run on it."""
    yield from request.getfixturevalue("open_harness")(request.param)


class Topic:
    """A publisher that keeps what it was given, in order."""

    def __init__(self) -> None:
        """Start empty."""
        self._guard = threading.Lock()
        self.taken: list[tuple[str, int]] = []

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Keep them."""
        with self._guard:
            self.taken += [(event.stream, event.version) for event in events]

    def close(self) -> None:
        """Do nothing."""


def write(store: EventStore, writer: int) -> None:
    """Commit to two streams at a time, each of which others write to as well, until that has worked so often."""
    done, turn = 0, count(writer)
    while done < COMMITS:
        number = next(turn) % len(STREAMS)
        streams = STREAMS[number], STREAMS[(number + 1 + writer) % len(STREAMS)]
        at = [max([event.version for event in store.read(stream)], default=0) for stream in streams]
        try:
            store.commit(commit_of(*(append(stream, version) for stream, version in zip(streams, at, strict=True))))
        except Conflict:
            continue
        done += 1


def test_what_several_commit_several_relay_in_order_and_without_a_gap(harness: EventStoreHarness) -> None:
    store, topic, over = harness.marking(), Topic(), threading.Event()
    writers = [threading.Thread(target=write, args=(store, number)) for number in range(3)]
    relays = [Relay(harness.outbox(), topic, system_environment()) for _ in range(2)]
    relaying = [threading.Thread(target=relay.run, args=(over.is_set,)) for relay in relays]
    for thread in writers + relaying:
        thread.start()
    for thread in writers:
        thread.join()
    while harness.outbox().pending():
        over.wait(0.01)
    over.set()
    for thread in relaying:
        thread.join()

    first = dict.fromkeys(topic.taken)
    written = {stream: [event.version for event in store.read(stream)] for stream in STREAMS}
    assert sum(map(len, written.values())) == 3 * COMMITS * 2
    assert {stream: [version for each, version in first if each == stream] for stream in STREAMS} == written
    assert [relay.trouble for relay in relays] == ["", ""]
