"""A feed behind an outbox: what is marked is late from its commit on."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.inmemory import (
    InMemoryBroker,
    InMemoryBrokerFeed,
    InMemoryEventPublisher,
    InMemoryEventStore,
    InMemoryOutbox,
    InMemoryProjectionStore,
)
from core.delivery.relay import Relay
from core.delivery.relayed_feed import RelayedFeed
from core.ports.event_feed import FeedUnavailable
from core.ports.event_store import StoreUnavailable
from entrypoints.http.background import Projecting
from entrypoints.http.health import Health
from tests.support.commits import AT, adding, stock_added
from tests.support.environment import armed_environment
from tests.unit.delivery.scene import CODEC


class Scene:
    """A store with its outbox, a topic, and a feed of it; it is 9 seconds after what is committed."""

    def __init__(self) -> None:
        """Start with one event."""
        environment, _ = armed_environment()
        self.environment = replace(environment, now=lambda: AT + timedelta(seconds=9))
        self.outbox = InMemoryOutbox()
        self.store = InMemoryEventStore(CODEC, self.environment, self.outbox.mark)
        broker = InMemoryBroker(CODEC)
        self.relay = Relay(self.outbox, InMemoryEventPublisher(broker, self.environment), self.environment)
        topic = InMemoryBrokerFeed(broker, "a reader", self.environment)
        self.feed = RelayedFeed(topic, self.outbox, self.environment)
        self.store.commit(adding(stock_added(), to="s", at_version=0))


@pytest.fixture
def scene() -> Scene:
    """Give one."""
    return Scene()


def test_what_is_marked_is_late_from_its_commit_on_and_the_relay_is_named(scene: Scene) -> None:
    assert scene.feed.poll(10) == []
    assert scene.feed.lag_seconds() == 9
    assert "ecshop worker relay" in scene.feed.hindrance()


def test_what_is_relayed_and_dealt_with_is_not_late(scene: Scene) -> None:
    scene.relay.step()
    deliveries = scene.feed.poll(10)
    assert scene.feed.hindrance() == ""
    scene.feed.acknowledge(deliveries)

    assert len(deliveries) == 1
    assert scene.feed.lag_seconds() == 0


def test_the_relay_is_not_named_for_what_the_reader_has_not_come_to(scene: Scene) -> None:
    scene.relay.step()
    scene.store.commit(adding(stock_added(), to="another", at_version=0))

    assert scene.feed.lag_seconds() == 9
    assert scene.feed.hindrance() == ""


class Away(InMemoryBrokerFeed):
    """A topic that cannot be asked."""

    def lag_seconds(self) -> float:
        """Be away."""
        raise FeedUnavailable("no broker")


def test_of_a_topic_that_cannot_be_asked_the_age_of_what_is_marked_is_told_and_shown(scene: Scene) -> None:
    away = Away(InMemoryBroker(CODEC), "a reader", scene.environment)
    feed = RelayedFeed(away, scene.outbox, scene.environment)

    with pytest.raises(FeedUnavailable, match="no broker") as failed:
        feed.lag_seconds()
    shown = asyncio.run(health_of(scene, feed).report())["projectors"]["read-models"]

    assert failed.value.lag_seconds == 9
    assert shown == {"status": "away", "lag_seconds": 9.0, "parked": 0, "detail": "no broker"}


def health_of(scene: Scene, feed: RelayedFeed) -> Health:
    """Give what /readyz asks, of a shop whose projector reads this feed."""
    rows = InMemoryProjectionStore(scene.environment)
    at_work = SimpleNamespace(thread=SimpleNamespace(died=""), projector=SimpleNamespace(feed=feed), projections=rows)
    projecting = Projecting(**cast("Any", vars(at_work)))
    background = cast("Any", SimpleNamespace(projectors={"read-models": projecting}, others=()))
    return Health(scene.store, {}, background, 30.0)


def test_an_outbox_that_cannot_be_asked_makes_the_feed_unavailable(scene: Scene) -> None:
    class Away(InMemoryOutbox):
        def oldest(self) -> None:
            raise StoreUnavailable("no connection")

    feed = RelayedFeed(scene.feed, Away(), scene.environment)

    with pytest.raises(FeedUnavailable, match="no connection"):
        feed.lag_seconds()
