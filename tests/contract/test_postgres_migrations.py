"""Migrations: what a database must be before the shop starts on it, and the sentence that says what it is instead."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg.conninfo import make_conninfo
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.pool import NullPool

from adapters.postgres.connections import PostgresProblem, open_pool
from adapters.postgres.migrating import check, migrate
from adapters.postgres.schema import EVENTS, STATE, TransactionId, metadata
from tests.contract.postgres_harness import PostgresFeeds
from tests.support.commits import adding, stock_added
from tests.support.postgres_databases import empty_database, fresh_database

pytestmark = pytest.mark.postgres


@pytest.fixture
def empty(postgres_url: str) -> Iterator[str]:
    """Give a database that was never migrated."""
    with empty_database(postgres_url) as url:
        yield url


@pytest.fixture
def migrated(postgres_url: str) -> Iterator[str]:
    """Give a database that was."""
    with fresh_database(postgres_url) as url:
        yield url


def do(url: str, statement: str) -> None:
    """Change a database by hand."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def problem_of(url: str) -> str:
    """Give the sentence with which a start on this database is refused."""
    with pytest.raises(PostgresProblem) as problem:
        check(url)
    return sentence_of(problem.value)


def sentence_of(problem: PostgresProblem) -> str:
    """Give its text, which must be one sentence that names the setting."""
    sentence = str(problem)
    assert "DATABASE_URL" in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def test_a_migrated_database_is_fit_and_migrating_it_again_does_nothing(empty: str) -> None:
    assert migrate(empty) == ("0001", "0002", "0003", "0004", "0005")
    assert migrate(empty) == ()

    check(empty)


def test_the_migrations_make_what_the_metadata_says(migrated: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ischema_names, "xid8", TransactionId)  # a type that SQLAlchemy does not know
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(migrated), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _parents: kind != "schema" or name in {EVENTS, STATE},
                "include_object": lambda _object, name, *_more: name != "alembic_version",
                "compare_server_default": True,
            },
        )
        assert compare_metadata(context, metadata) == []


def test_a_database_that_was_never_migrated_is_refused(empty: str) -> None:
    assert "has no tables of the shop: run `ecshop migrate`" in problem_of(empty)


def test_a_database_that_is_behind_is_refused_and_migrated_on(migrated: str) -> None:
    do(
        migrated,
        "DROP TABLE shop_state.bookmarks; DROP TABLE shop_events.outbox; DROP FUNCTION shop_events.commit_to_relay",
    )
    do(migrated, "UPDATE shop_state.alembic_version SET version_num = '0003'")

    assert "older than this code, it lacks the migrations 0004, 0005: run `ecshop migrate`" in problem_of(migrated)
    assert migrate(migrated) == ("0004", "0005")
    check(migrated)


def test_a_database_that_is_newer_than_the_code_is_refused_and_left_alone(migrated: str) -> None:
    do(migrated, "UPDATE shop_state.alembic_version SET version_num = '9999'")

    assert "newer than this code, which does not know its migration 9999" in problem_of(migrated)
    with pytest.raises(PostgresProblem, match="newer than this code"):
        migrate(migrated)


@pytest.mark.parametrize("act", [check, migrate])
def test_tables_without_a_record_of_a_migration_are_refused(migrated: str, act: object) -> None:
    do(migrated, "DROP TABLE shop_state.alembic_version")

    with pytest.raises(PostgresProblem, match="one was applied in part"):
        act(migrated)  # type: ignore[operator]


@pytest.mark.parametrize("act", [check, migrate])
def test_a_table_that_is_missing_is_named(migrated: str, act: object) -> None:
    do(migrated, "DROP TABLE shop_events.snapshots")

    with pytest.raises(PostgresProblem, match=r"lacks shop_events\.snapshots"):
        act(migrated)  # type: ignore[operator]


def test_a_migration_that_fails_leaves_nothing_behind(empty: str) -> None:
    do(empty, "CREATE SCHEMA shop_state")
    do(empty, "CREATE TABLE shop_state.mails_by_time (in_the_way text)")

    with pytest.raises(PostgresProblem) as problem:
        migrate(empty)

    assert "already exists" in sentence_of(problem.value)
    assert "has no tables of the shop" in problem_of(empty)


def test_two_that_migrate_at_once_do_it_once(empty: str) -> None:
    done: list[tuple[str, ...]] = []
    threads = [threading.Thread(target=lambda: done.append(migrate(empty))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == [(), ("0001", "0002", "0003", "0004", "0005")]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://shop:hunter2@127.0.0.1:1/shop", "does not serve shop at 127.0.0.1:1"),
        ("postgresql://shop:hunter2@127.0.0.1:port/shop", "does not serve shop at 127.0.0.1:port"),
        ("postgresql://shop:hunter2@[::1/shop", "neither a PostgreSQL URL nor a connection string"),
        ("password=hunter2 nothing", "neither a PostgreSQL URL nor a connection string"),
    ],
)
def test_what_is_not_reached_is_named_without_its_password(url: str, said: str) -> None:
    for act in (check, migrate):
        with pytest.raises(PostgresProblem) as problem:
            act(url)
        assert said in sentence_of(problem.value)
        assert "hunter2" not in str(problem.value)


def test_a_pool_of_what_cannot_be_meant_is_refused_without_its_password() -> None:
    with pytest.raises(PostgresProblem) as problem:
        open_pool("postgresql://shop:hunter2@[::1/shop", "a test")

    assert "hunter2" not in sentence_of(problem.value)


def test_a_user_and_a_database_that_are_not_there_are_told(postgres_url: str) -> None:
    assert 'role "nobody" does not exist' in problem_of(make_conninfo(postgres_url, user="nobody"))
    assert 'database "nowhere" does not exist' in problem_of(make_conninfo(postgres_url, dbname="nowhere"))


def test_a_dump_that_was_restored_into_another_server_begins_its_feed_again(postgres_url: str) -> None:
    feeds = PostgresFeeds(postgres_url)
    try:
        feed = feeds.feed_of("projector")
        feeds.store.commit(adding(stock_added(), to="s", at_version=0))
        feed.acknowledge(feed.poll(10))
        feeds.store.commit(adding(stock_added(), to="s", at_version=1))
        feeds.execute(
            "UPDATE shop_events.events SET transaction_id = (transaction_id::text::bigint + 1000000)::text::xid8"
        )
        feeds.execute("UPDATE shop_state.projectors SET position = '1000001/1'")

        assert "restored into another server" in problem_of(feeds.url)
        migrate(feeds.url)

        check(feeds.url)
        assert [delivery.position for delivery in feeds.feed_of("projector").poll(10)] == ["0/1", "0/2"]
        feeds.store.commit(adding(stock_added(), to="s", at_version=2))
        assert len(feeds.feed_of("projector").poll(10)) == 3
    finally:
        feeds.close()
