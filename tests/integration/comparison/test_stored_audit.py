"""What was folded is kept with the rows, in their transaction, and outlives the process that folded it."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from adapters.inmemory import InMemoryEventStore
from adapters.postgres.audit import AuditTable
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.delivery.consumer import Consumer
from core.ports.event_feed import Doorbell
from core.ports.events import RecordedEvent
from core.projections.rows import FOLDS, READ_MODELS, RowFold
from entrypoints.comparison.audit import audited_fold
from entrypoints.comparison.real.watched import StoredAudit
from tests.contract.postgres_read_model import PostgresReadModel
from tests.support.commits import fill

pytestmark = pytest.mark.postgres

STREAM = "inventory-tea"


@pytest.fixture
def read_model(postgres_url: str) -> Iterator[PostgresReadModel]:
    """Give an empty read model with an audit."""
    with closing(PostgresReadModel(postgres_url)) as read_model:
        AuditTable(read_model.connections, READ_MODELS).make()
        yield read_model


class Scene:
    """A store with one stream of four events, and consumers on the read model, each as another process would have it."""

    def __init__(self, read_model: PostgresReadModel) -> None:
        self.store = InMemoryEventStore(JsonCodec(), system_environment())
        fill(self.store, STREAM, 4)
        self.events: list[RecordedEvent] = list(self.store.read(STREAM))
        self.audit = AuditTable(read_model.connections, READ_MODELS)
        self.read_model = read_model
        self.dies = False

    def consumer(self) -> Consumer:
        def failpoint(_name: str) -> None:
            if self.dies:
                raise KeyboardInterrupt  # as a killed process, it does not come to its commit

        projections = StoredAudit(self.read_model.another(), self.audit)
        folds = {FOLDS: audited_fold(RowFold(JsonCodec()))}
        return Consumer(self.store, projections, folds, system_environment(failpoint))

    def hand(self, *versions: int) -> None:
        events = [self.events[version - 1] for version in versions]
        self.consumer().handle([Doorbell(STREAM, event.version, event, "here") for event in events])

    def ids(self, *versions: int) -> tuple[str, ...]:
        return tuple(self.events[version - 1].id for version in versions)


@pytest.fixture
def scene(read_model: PostgresReadModel) -> Scene:
    return Scene(read_model)


def test_each_process_goes_on_with_what_the_one_before_it_folded(scene: Scene) -> None:
    scene.hand(1, 2)
    scene.hand(3)

    assert scene.audit.folded() == {STREAM: scene.ids(1, 2, 3)}
    assert set(scene.audit.seen()) == set(scene.ids(1, 2, 3))


def test_what_is_not_committed_was_not_folded(scene: Scene) -> None:
    scene.hand(1)
    scene.dies = True

    with pytest.raises(KeyboardInterrupt):
        scene.hand(2)

    assert scene.audit.folded() == {STREAM: scene.ids(1)}


def test_a_duplicate_is_not_folded_again(scene: Scene) -> None:
    scene.hand(1, 2)
    scene.hand(2, 1)

    assert scene.audit.folded() == {STREAM: scene.ids(1, 2)}


def test_a_refold_begins_afresh_and_keeps_when_an_event_was_first_seen(scene: Scene) -> None:
    scene.hand(1, 2)
    before = scene.audit.seen()

    scene.consumer().refold(STREAM)  # from the store, which has more by now

    assert scene.audit.folded() == {STREAM: scene.ids(1, 2, 3, 4)}
    seen = scene.audit.seen()
    assert {event_id: seen[event_id] for event_id in before} == before
