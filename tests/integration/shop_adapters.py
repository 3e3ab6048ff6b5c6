"""What outlives the processes of the shop under test, and how its network is made to fail: in memory here."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Protocol

from adapters.inmemory import (
    InMemoryEventFeed,
    InMemoryEventStore,
    InMemoryMailQueue,
    InMemoryProjectionStore,
    InMemoryQueries,
    InMemorySnapshotStore,
)
from adapters.serialization.codec import JsonCodec
from core.ports.environment import AnswerLost, Environment
from core.ports.event_feed import Delivery, Doorbell, EventFeed
from core.ports.event_store import EventStore
from core.ports.mail_queue import MailQueue
from core.ports.projection_store import ProjectionStore
from core.ports.queries import Queries
from core.ports.snapshot_store import SnapshotStore
from tests.contract.harness import Failpoints

CODEC = JsonCodec()

LOST_IMAGES, DAMAGED_IMAGES = 0.1, 0.1
"""Shares of records that come without an image, and with one that was cut short."""


@dataclass(frozen=True, slots=True)
class Blessed:
    """An event that only tomorrow's code knows."""


class TomorrowsCodec(JsonCodec):
    """What a process of tomorrow's code writes with while the others are still today's."""

    def encode_event(self, event: object) -> tuple[str, str, int, bytes]:
        """Know one more event."""
        return ("Product", "Blessed", 1, b"{}") if isinstance(event, Blessed) else super().encode_event(event)


class ShopAdapters(Protocol):
    """One shop's stores, empty at first; `notified` is what the projector keeps that asks for mails."""

    store: EventStore
    snapshots: SnapshotStore
    projections: ProjectionStore
    notified: ProjectionStore
    queries: Queries
    mails: MailQueue

    def feed(self, projector: str) -> EventFeed:
        """Give the hostile feed of a projector, as a process has it that starts."""

    def lose_requests(self, times: int) -> None:
        """Lose the next so many writes before the store sees them."""

    def lose_answers(self, times: int) -> None:
        """Lose the answers to the next so many writes."""

    def heal(self) -> None:
        """Lose nothing any more."""


OpenAdapters = Callable[[Environment, Failpoints, Random], ShopAdapters]
"""Give a shop's stores, on an environment in which these failpoints stand; the random source is their feeds' mood."""


def lose() -> None:
    """Lose a request or an answer, from an armed failpoint."""
    raise AnswerLost


class MemoryAdapters:
    """In memory, where a request or an answer is lost at a failpoint."""

    def __init__(self, environment: Environment, failpoints: Failpoints, random: Random) -> None:
        """Start empty."""
        self._failpoints = failpoints
        self._random = random
        memory = InMemoryEventStore(TomorrowsCodec(), environment)
        mails = InMemoryMailQueue()
        rows = InMemoryProjectionStore(environment)
        self.store: EventStore = memory
        self.snapshots: SnapshotStore = InMemorySnapshotStore()
        self.projections: ProjectionStore = rows
        self.notified: ProjectionStore = InMemoryProjectionStore(environment, "notifier", enqueue=mails.enqueue)
        self.queries: Queries = InMemoryQueries(rows)
        self.mails: MailQueue = mails
        # The transport is no part of a process: what it has not delivered it keeps.
        self._feeds = {
            name: InMemoryEventFeed(memory, environment, random, damaging(random))
            for name in ("read-models", "notifier")
        }

    def feed(self, projector: str) -> EventFeed:
        """Give the one feed there is for it."""
        return self._feeds[projector]

    def lose_requests(self, times: int) -> None:
        """Arm it."""
        self._failpoints.armed["write.before"] = [lose] * times

    def lose_answers(self, times: int) -> None:
        """Arm it."""
        self._failpoints.armed["write.after"] = [lose] * times

    def heal(self) -> None:
        """Nothing else is armed here; whoever owns the failpoints disarms them."""


def damaging(random: Random) -> Callable[[Doorbell], Delivery]:
    """Give a way that some images do not survive."""

    def carry(doorbell: Doorbell) -> Delivery:
        chance, event = random.random(), doorbell.event
        if event is None or chance > LOST_IMAGES + DAMAGED_IMAGES:
            return doorbell
        return doorbell._replace(event=None if chance < LOST_IMAGES else event._replace(data=event.data[:-1]))

    return carry
