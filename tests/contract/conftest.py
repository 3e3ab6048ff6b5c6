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
from tests.contract.delivery_harness import FeedHarness, MemoryFeeds, MemoryReadModel, ReadModelHarness
from tests.contract.harness import EventStoreHarness
from tests.contract.mail_queues import MailQueueHarness, MemoryMailQueue
from tests.contract.mailers import SENDER, MailerHarness, catcher, smtp
from tests.contract.memory_harness import MemoryHarness
from tests.contract.projected_shop import Shop
from tests.support.mail_server import Inbox, mail_server

if TYPE_CHECKING:
    from tests.contract.dynamodb_harness import DynamoDBHarness

EVENT_STORES = [
    pytest.param("memory", marks=pytest.mark.memory),
    pytest.param("moto", marks=pytest.mark.moto),
    pytest.param("ministack", marks=pytest.mark.ministack),
]

SEES_NO_VERSION_AHEAD = (
    "DynamoDB sees only whether an item exists; seeing a version ahead would cost a second condition."
    " Reads report the hole that such an append leaves."
)
CANNOT = {
    (test, adapter): SEES_NO_VERSION_AHEAD
    for test in (
        "test_a_version_ahead_of_the_head_is_rejected",
        "test_a_version_ahead_of_the_head_of_a_second_stream_is_rejected",
        "test_a_check_ahead_of_the_head_is_rejected",
    )
    for adapter in ("moto", "ministack")
}
"""What an adapter cannot keep, with the reason: expected to fail every time, so the day it does not, the suite says so."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what an adapter cannot keep."""
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            reason = CANNOT.get((item.originalname, str(item.callspec.params.get("harness"))))
            if reason:
                item.add_marker(pytest.mark.xfail(strict=True, reason=reason))


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


FEEDS: dict[str, Callable[[], FeedHarness]] = {"memory": MemoryFeeds}
READ_MODELS: dict[str, Callable[[], ReadModelHarness]] = {"memory": MemoryReadModel}
"""A projection store and the queries on it are one adapter: they share the tables."""
MAIL_QUEUES: dict[str, Callable[[], MailQueueHarness]] = {"memory": MemoryMailQueue}
MAILERS: dict[str, Callable[[], AbstractContextManager[MailerHarness]]] = {"catcher": catcher, "smtp": smtp}


def marked(adapters: Iterable[str]) -> list[ParameterSet]:
    """Give each adapter's name as a parameter under its own mark."""
    return [pytest.param(name, marks=getattr(pytest.mark, name)) for name in adapters]


@pytest.fixture(params=marked(FEEDS))
def feeds(request: pytest.FixtureRequest) -> FeedHarness:
    """Give an empty event store with its feeds."""
    return FEEDS[request.param]()


@pytest.fixture(params=marked(READ_MODELS))
def read_model(request: pytest.FixtureRequest) -> ReadModelHarness:
    """Give an empty read model."""
    return READ_MODELS[request.param]()


@pytest.fixture(params=marked(MAIL_QUEUES))
def mail_queue(request: pytest.FixtureRequest) -> MailQueueHarness:
    """Give an empty mail queue."""
    return MAIL_QUEUES[request.param]()


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
