"""The consumer on PostgreSQL: two of them on the same records, and poison amid a batch."""

from collections.abc import Iterator
from contextlib import closing
from random import Random

import pytest

from core.domain.inventory import StockAdded
from core.ports.event_feed import Doorbell
from core.ports.projection_store import Parked
from tests.contract.postgres_read_model import PostgresReadModel
from tests.integration.postgres_scene import PostgresScene
from tests.support.commits import AT
from tests.unit.delivery.scene import folded
from tests.unit.delivery.test_two_projectors import at_the_same_time, histories

pytestmark = pytest.mark.postgres

ROUNDS = 20


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[PostgresReadModel]:
    """Give an empty read model on PostgreSQL."""
    with closing(PostgresReadModel(postgres_url)) as read_model:
        yield read_model


@pytest.fixture
def scene(postgres: PostgresReadModel) -> PostgresScene:
    """Give an empty scene."""
    return PostgresScene(postgres.store)


def test_rows_are_the_fold_of_their_events_after_any_deliveries_to_two_projectors(postgres: PostgresReadModel) -> None:
    for seed in range(ROUNDS):
        random, scene = Random(seed), PostgresScene(postgres.store)
        streams = {f"{stream}-{seed}": events for stream, events in histories(random).items()}
        for stream, events in streams.items():
            scene.write(stream, *events)
        doorbells = [
            doorbell if random.random() < 0.9 else Doorbell(doorbell.stream, doorbell.version, None, doorbell.position)
            for doorbell in scene.doorbells()
        ]
        consumers = [scene.consumer, scene.consumer_on(postgres.another())]

        at_the_same_time(consumers, doorbells, [Random(f"{seed}-{number}") for number in range(2)])

        standings = scene.projections.standings(list(streams))
        for stream, events in streams.items():
            standing = standings[stream]
            assert standing.row is not None
            assert standing.parked is None
            assert (standing.cursor.version, standing.row.version) == (len(events), len(events))
            assert standing.row.state == folded(scene.store, stream)
        assert sum(consumer.counts["applied"] for consumer in consumers) == len(doorbells)  # nothing was applied twice


def test_a_poison_event_amid_a_batch_of_500_stops_its_own_stream_until_the_fix(scene: PostgresScene) -> None:
    for number in range(500):
        scene.write(f"s-{number}", StockAdded("p", 1, AT))
    good = scene.store._streams["s-250"][0]
    refused = good.data.replace(b'"quantity":1', b'"quantity":10000000000000000000')
    scene.store._streams["s-250"][0] = good._replace(data=refused)

    scene.consumer.handle(scene.doorbells())

    (parked,) = scene.projections.parked_streams()
    assert parked == Parked("s-250", 1, parked.error, 1, 1)
    assert "RowRefused" in parked.error
    assert scene.totals() == {f"s-{number}": 1 for number in range(500) if number != 250}

    scene.write("s-250", StockAdded("p", 10, AT), StockAdded("p", 100, AT))
    scene.consumer.handle([doorbell for doorbell in scene.doorbells() if doorbell.version > 1])
    assert "s-250" not in scene.totals()  # what follows waits
    scene.store._streams["s-250"][0] = good
    scene.fold.folded.clear()
    assert scene.consumer.redrive("s-250") is None

    assert scene.fold.folded == [("s-250", 1), ("s-250", 2), ("s-250", 3)]
    assert scene.totals()["s-250"] == 111
    assert scene.projections.parked_streams() == []
