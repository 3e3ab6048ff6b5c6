"""The adapters that each port's suite runs on. A promise is a test; an adapter is a line here."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from typing import TYPE_CHECKING

import pytest
from _pytest.mark import ParameterSet

from adapters.smtp import MailServer, SmtpMailer
from core.ports.event_store import EventStore
from core.ports.projection_store import ProjectionStore
from core.ports.queries import Queries
from core.ports.snapshot_store import SnapshotStore
from tests.contract.cannot import CANNOT
from tests.contract.delivery_harness import BrokerFeeds, FeedHarness, MemoryFeeds, MemoryReadModel, ReadModelHarness
from tests.contract.harness import EventStoreHarness
from tests.contract.mail_queues import MailQueueHarness, MemoryMailQueue
from tests.contract.mailers import SENDER, MailerHarness, catcher, smtp
from tests.contract.memory_harness import MemoryHarness
from tests.contract.projected_shop import Shop
from tests.contract.publisher_harness import BrokerPublisher, KafkaPublisher, KinesisPublisher, PublisherHarness
from tests.support.mail_server import Inbox, mail_server

if TYPE_CHECKING:
    from tests.contract.dynamodb_harness import DynamoDBHarness
    from tests.contract.kafka_harness import Topic
    from tests.contract.kinesis_harness import KinesisFeeds
    from tests.contract.postgres_read_model import PostgresReadModel
    from tests.support.kafka import KafkaServer


def marked(adapters: Iterable[str]) -> list[ParameterSet]:
    """Give each adapter's name as a parameter under its own mark."""
    return [pytest.param(name, marks=getattr(pytest.mark, name.replace("-", "_"))) for name in adapters]


EVENT_STORES = marked(("memory", "moto", "ministack", "postgres", "postgres-system"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what an adapter cannot keep."""
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            names = ("harness", "feeds", "publishers", "delivery")
            adapter = next((item.callspec.params[name] for name in names if name in item.callspec.params), None)
            reason = CANNOT.get((item.originalname, str(adapter)))
            if reason:
                # Of a design, what is expected is the loss: a scene that does not come about is no such thing. Of an adapter, that a
                # promise is not kept, or that there is no way to ask for it; what else goes wrong is a fault of the test.
                raises: tuple[type[BaseException], ...] = (AssertionError,)
                if "delivery" not in item.callspec.params:
                    raises += (pytest.fail.Exception, NotImplementedError)
                item.add_marker(pytest.mark.xfail(strict=True, reason=reason, raises=raises))


SERVERS = {"postgres": "postgres_url", "postgres-system": "system_postgres_url"}
"""The fixture that runs the server of each adapter on PostgreSQL."""


@pytest.fixture
def open_harness(request: pytest.FixtureRequest) -> Callable[[str], Iterator[EventStoreHarness]]:
    """Give what opens a harness by its adapter's name, and closes it afterwards."""

    def opened(adapter: str) -> Iterator[EventStoreHarness]:
        if adapter == "memory":
            yield MemoryHarness()
            return
        if adapter in SERVERS:
            from tests.contract.postgres_harness import PostgresHarness  # noqa: PLC0415 - as below

            with closing(PostgresHarness.open(request.getfixturevalue(SERVERS[adapter]))) as postgres:
                yield postgres
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
def another_harness(
    request: pytest.FixtureRequest,
    harness: EventStoreHarness,
    open_harness: Callable[[str], Iterator[EventStoreHarness]],
) -> Iterator[EventStoreHarness]:
    """Give an event store of the same adapter beside the first."""
    yield from open_harness(request.node.callspec.params["harness"])


@pytest.fixture
def store(harness: EventStoreHarness) -> EventStore:
    """Give the event store under test."""
    return harness.store


@pytest.fixture
def snapshots(harness: EventStoreHarness) -> SnapshotStore:
    """Give the snapshot store under test."""
    return harness.snapshots


FEEDS = ("memory", *SERVERS, "kinesis", "broker", "kafka")
KEEP_AN_ORDER = marked(name for name in FEEDS if name != "kinesis")
"""DynamoDB's streaming to Kinesis promises none between two items, and the emulator's has none: some days it looks like one."""

READ_MODELS = ("memory", *SERVERS)
"""A projection store and the queries on it are one adapter: they share the tables."""
MAIL_QUEUES = ("memory", *SERVERS)
MAILERS: dict[str, Callable[[], AbstractContextManager[MailerHarness]]] = {"catcher": catcher, "smtp": smtp}


@pytest.fixture(params=marked(FEEDS))
def feeds(request: pytest.FixtureRequest) -> Iterator[FeedHarness]:
    """Give an empty event store with its feeds."""
    if request.param == "memory":
        yield MemoryFeeds()
        return
    if request.param == "broker":
        yield BrokerFeeds()
        return
    if request.param == "kinesis":
        yield request.getfixturevalue("kinesis")
        return
    if request.param == "kafka":
        from tests.contract.kafka_harness import KafkaFeeds  # noqa: PLC0415 - as above

        with closing(KafkaFeeds(request.getfixturevalue("kafka_broker").servers)) as kafka:
            yield kafka
        return
    from tests.contract.postgres_harness import PostgresFeeds  # noqa: PLC0415 - as above

    with closing(PostgresFeeds(request.getfixturevalue(SERVERS[request.param]))) as postgres:
        yield postgres


PUBLISHERS = ("broker", "kinesis", "kafka")


@pytest.fixture(params=marked(PUBLISHERS))
def publishers(request: pytest.FixtureRequest) -> Iterator[PublisherHarness]:
    """Give an empty topic with its publisher."""
    if request.param == "broker":
        yield BrokerPublisher()
        return
    if request.param == "kinesis":
        yield KinesisPublisher(request.getfixturevalue("kinesis"))
        return
    from tests.contract.kafka_harness import Topic  # noqa: PLC0415 - as above

    server = request.getfixturevalue("kafka_broker")
    with closing(Topic(server.servers)) as topic:
        yield KafkaPublisher(topic, server)


@pytest.fixture
def topic(kafka_broker: "KafkaServer") -> Iterator["Topic"]:
    """Give an empty topic of two partitions on a real Kafka."""
    from tests.contract.kafka_harness import Topic  # noqa: PLC0415 - as above

    with closing(Topic(kafka_broker.servers)) as made:
        yield made


@pytest.fixture
def open_kinesis(ministack_endpoint: str) -> Iterator[Callable[[int], "KinesisFeeds"]]:
    """Give what makes an empty store with its feeds through a stream of so many shards."""
    from tests.contract.kinesis_harness import KinesisFeeds  # noqa: PLC0415 - as above

    with ExitStack() as stack:
        yield lambda shards: stack.enter_context(closing(KinesisFeeds(ministack_endpoint, shards)))


@pytest.fixture
def kinesis(open_kinesis: Callable[[int], "KinesisFeeds"]) -> "KinesisFeeds":
    """Give an empty store with its feeds through a stream of two shards."""
    return open_kinesis(2)


@pytest.fixture(params=marked(READ_MODELS))
def read_model(request: pytest.FixtureRequest) -> Iterator[ReadModelHarness]:
    """Give an empty read model."""
    if request.param == "memory":
        yield MemoryReadModel()
        return
    from tests.contract.postgres_read_model import PostgresReadModel  # noqa: PLC0415 - as above

    with closing(PostgresReadModel(request.getfixturevalue(SERVERS[request.param]))) as postgres:
        yield postgres


@pytest.fixture(params=marked(MAIL_QUEUES))
def mail_queue(request: pytest.FixtureRequest) -> Iterator[MailQueueHarness]:
    """Give an empty mail queue."""
    if request.param == "memory":
        yield MemoryMailQueue()
        return
    from tests.contract.postgres_mail_queue import PostgresMails  # noqa: PLC0415 - as above

    with closing(PostgresMails(request.getfixturevalue(SERVERS[request.param]))) as postgres:
        yield postgres


@pytest.fixture(params=marked(MAILERS))
def mailers(request: pytest.FixtureRequest) -> Iterator[MailerHarness]:
    """Give a mailer and where its mails arrive."""
    with MAILERS[request.param]() as harness:
        yield harness


@pytest.fixture
def clean_up() -> Iterator[ExitStack]:
    """Give what is closed after the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def inbox(clean_up: ExitStack) -> Inbox:
    """Give a server without TLS."""
    return clean_up.enter_context(mail_server())


@pytest.fixture
def mailer_to(clean_up: ExitStack) -> Callable[..., SmtpMailer]:
    """Give what makes a mailer to a port of this machine."""

    def make(port: int, *, tls: str = "none", **settings: object) -> SmtpMailer:
        server = MailServer("127.0.0.1", port, tls, **settings)  # type: ignore[arg-type] # as the tests say
        return clean_up.enter_context(closing(SmtpMailer(server, SENDER)))

    return make


@pytest.fixture
def projections(read_model: ReadModelHarness) -> ProjectionStore:
    """Give the projection store under test."""
    return read_model.projections


@pytest.fixture
def queries(read_model: ReadModelHarness) -> Queries:
    """Give the queries under test."""
    return read_model.queries


@pytest.fixture
def shop(projections: ProjectionStore) -> Shop:
    """Give a shop whose rows are those under test."""
    return Shop(projections)


@pytest.fixture(params=marked(("moto", "ministack")))
def dynamodb(request: pytest.FixtureRequest) -> Iterator["DynamoDBHarness"]:
    """Give an empty store behind a proxy."""
    from tests.contract.dynamodb_harness import DynamoDBHarness  # noqa: PLC0415 - as above

    with closing(DynamoDBHarness.open(request.getfixturevalue(f"{request.param}_endpoint"))) as harness:
        harness.proxy.asked.clear()
        yield harness


@pytest.fixture(params=marked(SERVERS))
def postgres(request: pytest.FixtureRequest) -> Iterator["PostgresReadModel"]:
    """Give an empty read model on PostgreSQL."""
    from tests.contract.postgres_read_model import PostgresReadModel  # noqa: PLC0415 - as above

    with closing(PostgresReadModel(request.getfixturevalue(SERVERS[request.param]))) as read_model:
        yield read_model
