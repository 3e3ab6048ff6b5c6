"""What stands before the servers of a real run: it does the harm that it notes, and no other."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.kinesis.event_feed import KinesisEventFeed
from adapters.postgres.connections import open_pool
from adapters.postgres.event_store import PostgresEventStore
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.ports.event_feed import Doorbell
from entrypoints.comparison.faults import Faults
from entrypoints.comparison.real.aws_proxy import AwsProxy, aws_proxy
from entrypoints.comparison.real.gather import CONDUCTOR, fired
from entrypoints.comparison.real.journal import Journal, noted
from entrypoints.comparison.real.postgres_proxy import postgres_proxy
from tests.contract.kinesis_harness import PROJECTOR, KinesisFeeds, kinesis_of
from tests.support.commits import adding, fill, stock_added
from tests.support.postgres_databases import fresh_database
from tests.support.waiting import wait_until

STREAMS = [f"inventory-{number}" for number in range(10)]
EVENTS = 3


@pytest.fixture
def kinesis(ministack_endpoint: str) -> Iterator[KinesisFeeds]:
    with closing(KinesisFeeds(ministack_endpoint)) as feeds:
        yield feeds


class Scene:
    """A feed that is read through the proxy."""

    def __init__(self, kinesis: KinesisFeeds, endpoint: str, folder: Path, **rates: float) -> None:
        self.folder = folder
        self._kinesis = kinesis
        self._faults = Faults(3, {name.replace("_", ".", 1): rate for name, rate in rates.items()})
        self.running = aws_proxy(endpoint, kinesis.names.stream, self._faults, Journal(folder, CONDUCTOR))

    def read(self, proxy: AwsProxy) -> Counter[tuple[str, int]]:
        """Write, have the proxy give out what it holds back, and read until nothing comes any more."""
        for stream in STREAMS:
            fill(self._kinesis.store, stream, EVENTS)
        found: Counter[tuple[str, int]] = Counter()
        with closing(self.feed(proxy)) as feed:
            found.update(self._rest(feed))
            proxy.quiet()
            found.update(self._rest(feed))
        return found

    def read_by_another(self, proxy: AwsProxy) -> set[tuple[str, int]]:
        """Read what was written, for another projector."""
        with closing(self.feed(proxy, "another")) as feed:
            return set(self._rest(feed))

    def feed(self, proxy: AwsProxy, projector: str = PROJECTOR) -> KinesisEventFeed:
        environment = system_environment()
        names, dynamodb = self._kinesis.names, self._kinesis.dynamodb.direct
        owner = environment.new_id()
        client = kinesis_of(proxy.endpoint)
        return KinesisEventFeed(client, dynamodb, names, projector, JsonCodec(), environment, owner)

    def _rest(self, feed: KinesisEventFeed) -> list[tuple[str, int]]:
        found = []
        while deliveries := feed.poll(100):
            found += [(each.stream, each.version) for each in deliveries if isinstance(each, Doorbell)]
            feed.acknowledge(deliveries)
        return found


ALL = {(stream, version) for stream in STREAMS for version in range(1, EVENTS + 1)}


@pytest.mark.kinesis
def test_records_come_late_and_twice_and_none_is_missing(
    kinesis: KinesisFeeds, ministack_endpoint: str, tmp_path: Path
) -> None:
    scene = Scene(kinesis, ministack_endpoint, tmp_path, feed_reorder=0.2, feed_duplicate=0.2)
    with scene.running as proxy:
        found = scene.read(proxy)

    struck = fired(tmp_path)
    assert found.keys() == ALL
    assert sum(found.values()) == len(ALL) + struck["feed.duplicate"]
    assert struck["feed.duplicate"] > 0
    assert struck["feed.reorder"] > 0


@pytest.mark.kinesis
def test_a_skipped_record_is_skipped_for_everybody_and_noted(
    kinesis: KinesisFeeds, ministack_endpoint: str, tmp_path: Path
) -> None:
    scene = Scene(kinesis, ministack_endpoint, tmp_path, record_oversized=0.3)
    with scene.running as proxy:
        found = scene.read(proxy)
        found_by_another = scene.read_by_another(proxy)

    excused = {(stream, version) for _who, stream, version, _id in noted(tmp_path, CONDUCTOR, "excused")}
    assert excused
    assert found.keys() == found_by_another == ALL - excused
    assert {who for who, *_ in noted(tmp_path, CONDUCTOR, "excused")} == {"read-models", "notifier"}


@pytest.mark.kinesis
def test_a_throttled_shard_gives_nothing_until_it_is_not(
    kinesis: KinesisFeeds, ministack_endpoint: str, tmp_path: Path
) -> None:
    scene = Scene(kinesis, ministack_endpoint, tmp_path)
    with scene.running as proxy:
        fill(kinesis.store, STREAMS[0], EVENTS)
        proxy.throttled = True
        with closing(scene.feed(proxy)) as feed:
            assert feed.poll(100) == []
            proxy.throttled = False
            wait_until(lambda: bool(feed.poll(100)))


@pytest.mark.postgres
def test_answers_that_are_cut_leave_every_commit_written_once(postgres_url: str, tmp_path: Path) -> None:
    faults, journal = Faults(1, {"ack.late": 0.3}), Journal(tmp_path, CONDUCTOR)
    with (
        fresh_database(postgres_url) as database,
        postgres_proxy(Path(str(conninfo_to_dict(postgres_url)["host"])), faults, journal) as through,
        open_pool(make_conninfo(through, dbname=conninfo_to_dict(database)["dbname"]), "a test") as pool,
    ):
        environment = system_environment()
        store = PostgresEventStore(pool, JsonCodec(), environment, 60.0)
        for version in range(30):
            store.commit(adding(stock_added(), to="inventory-1", at_version=version))
        faults.on = False

        assert [event.version for event in store.read("inventory-1")] == list(range(1, 31))
    assert fired(tmp_path)["ack.late"] > 0
