"""Bringing a database to the tables that this code wants, and telling whether it has them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from adapters.postgres.connections import PostgresProblem, place
from adapters.postgres.failures import is_unavailable, sentence
from adapters.postgres.schema import EVENTS, STATE, metadata

LOCK = 0x5348_4F50
"""The advisory lock of those who migrate: "SHOP"."""

MIGRATE = "run `ecshop migrate`"


def migrate(url: str) -> tuple[str, ...]:
    """Run the steps that are missing, all in one transaction, and give their names. Doing it again does nothing.

    Raises:
        PostgresProblem: the database is newer than this code, or was changed by hand; it is not reached or refuses.
    """
    with _connection(url) as connection:
        # Two processes that start at once migrate one after the other.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        done = _revisions(connection)
        _refuse_what_no_step_leads_on_from(connection, url, done)
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {STATE}"))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _begin_the_feed_again_after_a_restore(connection)
        return tuple(step for step in _steps() if step not in done)


def check(url: str) -> None:
    """Look whether the shop can start on this database.

    Raises:
        PostgresProblem: it was never migrated, is behind, is newer than this code or lacks tables; it is not reached or refuses.
    """
    with _connection(url) as connection:
        done = _revisions(connection)
        if not done and not _tables(connection):
            raise PostgresProblem(
                f"The database that DATABASE_URL names ({place(url)}) has no tables of the shop: {MIGRATE}, or correct the setting."
            )
        _refuse_what_no_step_leads_on_from(connection, url, done)
        if missing := [step for step in _steps() if step not in done]:
            raise PostgresProblem(
                f"The database that DATABASE_URL names ({place(url)}) is older than this code, it lacks the migrations"
                f" {', '.join(missing)}: {MIGRATE}."
            )
        if _was_restored_elsewhere(connection):
            raise PostgresProblem(
                f"The database that DATABASE_URL names ({place(url)}) was restored into another server, whose transactions are"
                f" numbered otherwise: {MIGRATE}, which begins the feed again."
            )


def _refuse_what_no_step_leads_on_from(connection: Connection, url: str, done: list[str]) -> None:
    where = f"The database that DATABASE_URL names ({place(url)})"
    if newer := [step for step in done if step not in _steps()]:
        raise PostgresProblem(
            f"{where} is newer than this code, which does not know its migration {', '.join(newer)}: install the newer version."
        )
    there, steps = _tables(connection), _steps()
    expected = {table.fullname for table in metadata.sorted_tables} if done == steps else set()
    if not done and there:
        raise PostgresProblem(
            f"{where} has tables of the shop and no record of a migration, so one was applied in part: name an empty database, or"
            " restore this one."
        )
    if missing := sorted(expected - there):
        raise PostgresProblem(
            f"{where} lacks {', '.join(missing)}, which its migrations have made: restore it, or name another."
        )


def _revisions(connection: Connection) -> list[str]:
    """Give the steps that were done, in order; an unknown one alone."""
    context = MigrationContext.configure(connection, opts={"version_table_schema": STATE})
    current = context.get_current_revision()
    if current is None:
        return []
    steps = _steps()
    return steps[: steps.index(current) + 1] if current in steps else [current]


def _steps() -> list[str]:
    scripts = ScriptDirectory.from_config(_config())
    return [script.revision for script in scripts.walk_revisions()][::-1]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    return config


def _tables(connection: Connection) -> set[str]:
    looking = inspect(connection)
    ours = {table.fullname for table in metadata.sorted_tables}
    return {f"{schema}.{name}" for schema in (EVENTS, STATE) for name in looking.get_table_names(schema)} & ours


# A dump keeps the numbers of transactions, which the server that it goes to has not come to: its feed would wait for them to pass.
RESTORED_ELSEWHERE = text("""
    SELECT transaction_id >= pg_snapshot_xmax(pg_current_snapshot()) FROM shop_events.events
    ORDER BY transaction_id DESC LIMIT 1
""")
RENUMBER = text("UPDATE shop_events.events SET transaction_id = '0'")
# To the first event: what a projector has dealt with, its cursors know.
REWIND = text("UPDATE shop_state.projectors SET position = '' WHERE feed = 'postgres'")


def _was_restored_elsewhere(connection: Connection) -> bool:
    return bool(connection.scalar(RESTORED_ELSEWHERE))


def _begin_the_feed_again_after_a_restore(connection: Connection) -> None:
    if _was_restored_elsewhere(connection):
        connection.execute(RENUMBER)
        connection.execute(REWIND)


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    """Connect in one transaction, and say what keeps from it.

    Raises:
        PostgresProblem: the URL cannot be meant, the database is not reached, refuses the user or the statement.
    """
    try:
        engine = create_engine(
            "postgresql+psycopg://",
            # libpq reads the URL, not SQLAlchemy: a socket's folder or several hosts are its business.
            creator=lambda: psycopg.connect(url, connect_timeout=5, application_name="ecshop migrate"),
            poolclass=NullPool,
        )
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise problem(url, error.orig) from None  # the cause names the URL
    except psycopg.Error as error:
        raise problem(url, error) from None


def problem(url: str, error: BaseException | None) -> PostgresProblem:
    """Say what an error means to who runs the shop; `url` is not repeated, as it may hold a password."""
    if not isinstance(error, psycopg.Error):
        return PostgresProblem(f"PostgreSQL does not do what DATABASE_URL asks for: {error}.")
    try:
        where = place(url)
    except psycopg.Error:
        return PostgresProblem("DATABASE_URL is neither a PostgreSQL URL nor a connection string: correct it.")
    said = sentence(error).removeprefix("PostgreSQL: ").rstrip(".?")
    if error.sqlstate is None or is_unavailable(error):
        return PostgresProblem(f"PostgreSQL does not serve {where}, correct DATABASE_URL or start the server: {said}.")
    return PostgresProblem(f"PostgreSQL refuses {where}, look at DATABASE_URL: {said}.")
