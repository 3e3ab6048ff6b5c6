"""kill -9 between the commit of a batch and its checkpoint: the batch comes again, and is not applied again."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.kinesis.lease import TRIM_HORIZON
from adapters.kinesis.sharing import LEASE_SECONDS, RENEW_SECONDS
from adapters.serialization.codec import JsonCodec
from core.delivery.consumer import Consumer
from core.delivery.projector import Projector
from core.projections.rows import FOLDS, RowFold
from tests.contract.kinesis_harness import Clock, KinesisFeeds
from tests.contract.postgres_read_model import PostgresReadModel
from tests.support.commits import adding, fill, stock_added
from tests.unit.delivery.scene import folded

pytestmark = [pytest.mark.kinesis, pytest.mark.postgres]

ROOT = Path(__file__).parents[2]
STREAMS, VERSIONS = 12, 3


@pytest.fixture
def kinesis(ministack_endpoint: str) -> Iterator[KinesisFeeds]:
    """Give an empty store with its stream of two shards."""
    with closing(KinesisFeeds(ministack_endpoint)) as feeds:
        yield feeds


@pytest.fixture
def read_model(postgres_url: str) -> Iterator[PostgresReadModel]:
    """Give an empty read model."""
    with closing(PostgresReadModel(postgres_url)) as read_model:
        yield read_model


def project_until_killed(endpoint: str, kinesis: KinesisFeeds, read_model: PostgresReadModel, checkpoint: int) -> None:
    """Run a process that dies before this checkpoint of its own."""
    names = json.dumps({"tables": kinesis.dynamodb.tables._asdict(), "names": kinesis.names._asdict()})
    command = [
        sys.executable,
        "-m",
        "tests.support.kinesis_projector",
        endpoint,
        names,
        read_model.url,
        str(checkpoint),
    ]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def applied(read_model: PostgresReadModel) -> int:
    """Tell how many events the cursors have moved over."""
    return sum(standing.cursor.version for _, standing in read_model.projections.all_standings())


def test_a_batch_that_was_saved_and_not_checkpointed_comes_again_and_is_not_applied_again(
    kinesis: KinesisFeeds, read_model: PostgresReadModel, ministack_endpoint: str, how_many: Callable[[int, int], int]
) -> None:
    streams = [f"inventory-{number}" for number in range(STREAMS)]
    for stream in streams:
        fill(kinesis.store, stream, VERSIONS)

    project_until_killed(ministack_endpoint, kinesis, read_model, checkpoint=1)
    assert applied(read_model) > 0
    assert set(kinesis.checkpoints().values()) == {TRIM_HORIZON}
    for round_ in range(how_many(2, 20)):
        for stream in streams[:7]:
            kinesis.store.commit(adding(stock_added(), to=stream, at_version=VERSIONS + round_))
        project_until_killed(ministack_endpoint, kinesis, read_model, checkpoint=2)
    assert set(kinesis.checkpoints().values()) != {TRIM_HORIZON}

    clock = Clock()
    consumer = Consumer(kinesis.store, read_model.projections, {FOLDS: RowFold(JsonCodec())}, clock.environment)
    projector = Projector(kinesis.worker(environment=clock.environment), consumer, clock.environment)
    for seconds in (0, RENEW_SECONDS, LEASE_SECONDS, 0):
        clock.pass_by(seconds)
        projector.step()

    assert consumer.counts["duplicate"] > 0
    standings = read_model.projections.standings(streams)
    for stream in streams:
        events = list(kinesis.store.read(stream))
        row = standings[stream].row
        assert row is not None
        assert (standings[stream].cursor.version, row.version) == (len(events), len(events))
        assert row.state == folded(kinesis.store, stream)
