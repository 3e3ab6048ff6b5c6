"""Connections to one database: a pool of them, made from explicit arguments."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool

from adapters.postgres.failures import lost_connection

Pool = ConnectionPool[Connection[tuple[Any, ...]]]
"""Connections in autocommit, as `open_pool` makes them."""

# A session's settings, given by a statement: a pooler in transaction mode refuses them as part of the connection string. There they
# may land on another of its connections, which is one of ours too.
SETTINGS = {
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",  # frees what a process held that was killed
    "default_transaction_isolation": "read committed",  # locks are waited for, and what they guard is read after them
    "TimeZone": "UTC",
}

# A server's time-outs do nothing for who waits for a server whose machine or network is gone: without these, for a quarter of an hour
# or for ever. libpq leaves them out on a local socket.
UNLESS_SILENT: dict[str, Any] = {
    "tcp_user_timeout": 10_000,  # milliseconds that what was sent may stay unconfirmed
    "keepalives_idle": 5,  # seconds until the other side is asked whether it is there
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""What ends a connection on which nobody answers any more, within some ten seconds."""


class PostgresProblem(Exception):
    """What keeps the shop from using PostgreSQL, as one sentence that names DATABASE_URL."""


def open_pool(
    url: str,
    application: str,
    *,
    most: int = 16,
    wait_seconds: float = 2.0,
    connect_seconds: int = 5,
    prepare: bool = True,
) -> Pool:
    """Give a pool of up to `most` connections, made as they are needed; any number of threads may share it, and it must be closed.

    `url` is a PostgreSQL URL or connection string, `application` the name that the server shows (pg_stat_activity). `wait_seconds` is
    how long to wait for a free or a new connection. Statements that are repeated are prepared; a pooler in transaction mode knows such
    statements (PgBouncer since 1.22), `prepare` false is for one that does not.

    Raises:
        PostgresProblem: the URL cannot be meant.
    """
    try:
        conninfo_to_dict(url)
    except psycopg.Error:  # which repeats the URL, and its password
        raise PostgresProblem("DATABASE_URL is neither a PostgreSQL URL nor a connection string: correct it.") from None
    pool: Pool = ConnectionPool(
        url,
        kwargs={
            "autocommit": True,
            "application_name": application,
            "connect_timeout": connect_seconds,
            "prepare_threshold": 2 if prepare else None,
            **UNLESS_SILENT,
        },
        configure=_configure,
        min_size=0,
        max_size=most,
        timeout=wait_seconds,
        reconnect_timeout=wait_seconds,
        name=application,
        open=False,
    )
    pool.open()
    return pool


def _configure(connection: Connection[Any]) -> None:
    settings = ", ".join(["set_config(%s, %s, false)"] * len(SETTINGS))
    connection.execute(f"SELECT {settings}", [text for pair in SETTINGS.items() for text in pair])


@contextmanager
def connected(pool: Pool) -> Iterator[Connection[tuple[Any, ...]]]:
    """Lend a connection; when it turns out to be lost, look at the others too, as a restarted server has closed them all."""
    try:
        with pool.connection() as connection:
            yield connection
    except psycopg.Error as error:
        if lost_connection(error):
            pool.check()
        raise


def place(url: str) -> str:
    """Say which database it is, without its password."""
    parts = conninfo_to_dict(url)
    host = parts.get("host") or parts.get("hostaddr") or "the local socket"
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"{parts.get('dbname') or parts.get('user') or 'the default database'!s} at {host}{port}"
