"""What PostgreSQL's feed owes beyond its port: nothing is skipped, who holds it back is named, and a restart goes on."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing

import psycopg
import pytest

from adapters.postgres import event_feed
from adapters.postgres.event_feed import PostgresEventFeed
from adapters.postgres.parameters import COMMIT, commit_parameters
from adapters.postgres.projection import PostgresProjectionStore
from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import record
from core.ports.commit import Commit
from core.ports.event_feed import Delivery, Doorbell, FeedUnavailable
from tests.contract.postgres_harness import PostgresFeeds
from tests.support.commits import adding, fill, stock_added
from tests.support.waiting import wait_until

pytestmark = pytest.mark.postgres

LONG = 60.0
"""Seconds that nothing here takes."""


@pytest.fixture
def feeds(postgres_url: str) -> Iterator[PostgresFeeds]:
    """Give an empty store with its feeds."""
    with closing(PostgresFeeds(postgres_url)) as feeds:
        yield feeds


@pytest.fixture
def slow_writer(feeds: PostgresFeeds) -> Iterator[psycopg.Connection]:
    """Give a connection whose transactions end when the test says so."""
    with psycopg.connect(feeds.url, application_name="a slow writer") as connection:
        yield connection


def one_event(stream: str) -> Commit:
    """Give a commit that begins a stream."""
    return adding(stock_added(), to=stream, at_version=0)


def write(connection: psycopg.Connection, commit: Commit) -> None:
    """Do a commit in this connection's transaction."""
    connection.execute(COMMIT, commit_parameters(commit, record(JsonCodec(), commit), JsonCodec()))


def streams(deliveries: Sequence[Delivery]) -> list[str]:
    """Name the streams of doorbells, in order."""
    return [delivery.stream for delivery in deliveries if isinstance(delivery, Doorbell)]


def test_a_transaction_that_took_a_lower_position_and_ends_later_is_not_skipped(
    feeds: PostgresFeeds, slow_writer: psycopg.Connection
) -> None:
    feed = feeds.calm_feed()
    fill(feeds.store, "before", 1)
    write(slow_writer, one_event("slow"))
    fill(feeds.store, "fast", 1)

    first = feed.poll(10)
    feed.acknowledge(first)
    assert streams(first) == ["before"]  # "fast" is committed, and waits
    slow_writer.commit()

    assert streams(feed.poll(10)) == ["slow", "fast"]


def test_a_transaction_that_began_first_and_took_its_position_last_is_not_skipped(
    feeds: PostgresFeeds, slow_writer: psycopg.Connection
) -> None:
    feed = feeds.calm_feed()
    slow_writer.execute("SELECT pg_current_xact_id()")
    fill(feeds.store, "fast", 1)
    write(slow_writer, one_event("slow"))
    assert feed.poll(10) == []
    slow_writer.commit()

    deliveries = feed.poll(10)
    feed.acknowledge(deliveries)

    assert streams(deliveries) == ["slow", "fast"]
    assert feed.poll(10) == []


def test_who_holds_the_reader_back_is_named_as_long_as_something_waits(
    feeds: PostgresFeeds, slow_writer: psycopg.Connection
) -> None:
    feed = feeds.calm_feed()
    write(slow_writer, one_event("slow"))
    assert feed.held_back_by() is None  # nothing is committed behind it
    fill(feeds.store, "fast", 1)

    holder = feed.held_back_by()
    assert holder is not None
    assert (holder.pid, holder.application) == (slow_writer.info.backend_pid, "a slow writer")
    assert holder.since <= feeds.environment.now()
    assert feed.lag_seconds() > 0
    assert feed.hindrance().startswith(f"held back by a slow writer (process {holder.pid})")

    slow_writer.rollback()
    assert feed.held_back_by() is None
    assert feed.hindrance() == ""


def test_who_only_reads_holds_nobody_back(feeds: PostgresFeeds, slow_writer: psycopg.Connection) -> None:
    feed = feeds.calm_feed()
    slow_writer.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    slow_writer.execute("SELECT count(*) FROM shop_events.events")
    fill(feeds.store, "s", 1)

    assert streams(feed.poll(10)) == ["s"]


def test_a_projector_that_starts_again_goes_on_where_all_before_was_acknowledged(feeds: PostgresFeeds) -> None:
    feed = feeds.feed_of("projector")
    for number in range(5):
        fill(feeds.store, f"s-{number}", 1)
    deliveries = feed.poll(10)
    feed.acknowledge([deliveries[number] for number in (0, 1, 3)])

    again = feeds.feed_of("projector")

    assert streams(again.poll(10)) == ["s-2", "s-3", "s-4"]  # s-3 once more: behind it, s-2 still waits
    again.acknowledge(again.poll(10))
    assert feeds.feed_of("projector").poll(10) == []
    assert len(feeds.feed_of("another").poll(10)) == 5


def test_a_server_that_went_back_is_read_from_the_position_that_went_back_with_it(feeds: PostgresFeeds) -> None:
    feed = feeds.feed_of("projector")
    fill(feeds.store, "before", 1)
    feed.acknowledge(feed.poll(10))
    ((backup,),) = feeds.execute("SELECT position FROM shop_state.projectors")
    fill(feeds.store, "after", 1)
    feed.acknowledge(feed.poll(10))
    assert feed.poll(10) == []

    feeds.execute("UPDATE shop_state.projectors SET position = %s", backup)

    assert feed.lag_seconds() > 0
    assert streams(feed.poll(10)) == ["after"]
    feed.acknowledge(feed.poll(10))
    assert feed.poll(10) == []


def test_what_is_waited_for_is_read_again_after_the_server_was_away(feeds: PostgresFeeds) -> None:
    feed = feeds.feed_of("projector")
    fill(feeds.store, "lost", 1)
    assert streams(feed.poll(10)) == ["lost"]
    feeds.execute("ALTER TABLE shop_events.events RENAME TO away")
    with pytest.raises(FeedUnavailable):
        feed.poll(10)
    feeds.execute("ALTER TABLE shop_events.away RENAME TO events")

    feeds.execute("TRUNCATE shop_events.events")  # a server that comes back without it
    fill(feeds.store, "s", 1)

    assert streams(feed.poll(10)) == ["s"]


def test_a_position_that_the_server_has_not_come_to_is_not_trusted(feeds: PostgresFeeds) -> None:
    feed = feeds.feed_of("projector")
    fill(feeds.store, "s", 1)
    feed.acknowledge(feed.poll(10))
    feeds.execute("UPDATE shop_state.projectors SET position = '4000000000000/7'")
    fill(feeds.store, "t", 1)

    deliveries = feed.poll(10)
    feed.acknowledge(deliveries)

    assert streams(deliveries)[-1] == "t"
    assert feed.poll(10) == []
    assert streams(feeds.feed_of("projector").poll(10)) == []  # and what is kept is the server's own again


def polled_in_a_thread(feed: PostgresEventFeed) -> tuple[threading.Thread, list[Delivery]]:
    """Poll for a long time, beside the test."""
    taken: list[Delivery] = []
    thread = threading.Thread(target=lambda: taken.extend(feed.poll(10, timeout=LONG)), daemon=True)
    thread.start()
    return thread, taken


def listeners(feeds: PostgresFeeds) -> list[tuple[object, ...]]:
    """Give the processes that listen on this database."""
    return feeds.execute(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'ecshop listening' AND datname = current_database()"
        " AND query LIKE 'LISTEN%%' AND state = 'idle'"
    )


def test_the_lag_of_a_projector_in_another_process_is_that_behind_what_it_acknowledged(feeds: PostgresFeeds) -> None:
    working, watching = feeds.feed_of("projector"), feeds.feed_of("projector")
    fill(feeds.store, "s", 1)
    assert watching.lag_seconds() > 0

    working.acknowledge(working.poll(10))

    assert watching.lag_seconds() == 0
    fill(feeds.store, "t", 1)
    assert watching.lag_seconds() > 0


def test_a_poll_that_waits_hears_of_a_commit(feeds: PostgresFeeds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_feed, "LOOK_AGAIN", LONG)
    thread, taken = polled_in_a_thread(feeds.calm_feed())
    wait_until(lambda: bool(listeners(feeds)))

    fill(feeds.store, "s", 1)
    thread.join(LONG / 2)

    assert streams(taken) == ["s"]


def test_a_connection_that_listens_is_made_again_when_it_is_lost(feeds: PostgresFeeds) -> None:
    thread, taken = polled_in_a_thread(feeds.calm_feed())
    wait_until(lambda: bool(listeners(feeds)))
    (lost,) = listeners(feeds)
    feeds.execute("SELECT pg_terminate_backend(%s)", *lost)
    wait_until(lambda: bool(listeners(feeds)) and listeners(feeds) != [lost])

    fill(feeds.store, "s", 1)
    thread.join(LONG / 2)

    assert streams(taken) == ["s"]


def test_without_a_connection_that_listens_looking_does_the_work(feeds: PostgresFeeds) -> None:
    nobody = "postgresql://127.0.0.1:1/nowhere"
    feed = PostgresEventFeed(nobody, feeds.connections, "projector", JsonCodec(), feeds.environment)
    thread, taken = polled_in_a_thread(feed)

    fill(feeds.store, "s", 1)
    thread.join(LONG / 2)

    assert streams(taken) == ["s"]


def test_a_feed_that_is_not_reached_is_unavailable_and_forgets_nothing(feeds: PostgresFeeds) -> None:
    feed = feeds.feed_of("projector")
    fill(feeds.store, "s", 1)
    deliveries = feed.poll(10)
    feeds.execute("ALTER TABLE shop_state.projectors RENAME TO away")

    with pytest.raises(FeedUnavailable):
        feed.acknowledge(deliveries)

    feeds.execute("ALTER TABLE shop_state.away RENAME TO projectors")
    assert feed.poll(10) == deliveries
    feeds.connections.close()
    for attempt in (lambda: feed.poll(20), feed.lag_seconds, feed.held_back_by):
        with pytest.raises(FeedUnavailable):
            attempt()


def test_a_projector_that_was_switched_to_another_feed_and_back_begins_anew(feeds: PostgresFeeds) -> None:
    feeds.store.commit(one_event("s"))
    feed = feeds.feed_of("read-models")
    feed.acknowledge(feed.poll(10))
    projections = PostgresProjectionStore(feeds.connections, feeds.environment, "read-models")
    assert projections.feed() == "postgres"

    projections.keep_feed("postgres")  # which it follows already
    assert feeds.feed_of("read-models").poll(10) == []

    projections.keep_feed("kafka ec-events")
    projections.keep_feed("postgres")
    assert streams(feeds.feed_of("read-models").poll(10)) == ["s"]
