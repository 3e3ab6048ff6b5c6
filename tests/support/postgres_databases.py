"""A migrated database for each test that asks: a copy of one that was migrated once, which takes a moment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from psycopg.conninfo import make_conninfo

from adapters.postgres.migrating import migrate

TEMPLATE = f"shop_template_{os.getpid()}"


@contextmanager
def templated(url: str) -> Iterator[str]:
    """Have a migrated database to copy on this server while inside."""
    _do(url, f"CREATE DATABASE {TEMPLATE}")
    try:
        migrate(make_conninfo(url, dbname=TEMPLATE))
        yield url
    finally:
        _do(url, f"DROP DATABASE {TEMPLATE} WITH (FORCE)")


@contextmanager
def fresh_database(url: str, template: str = TEMPLATE) -> Iterator[str]:
    """Give the connection string of a migrated database of one's own on this server, dropped afterwards."""
    name = f"test_{uuid4().hex}"
    _do(url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield make_conninfo(url, dbname=name)
    finally:
        _do(url, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def empty_database(url: str) -> Iterator[str]:
    """The same, never migrated."""
    with fresh_database(url, "template0") as conninfo:
        yield conninfo


def hasty(url: str) -> None:
    """Have a server of the tests' own wait for no disk: it is thrown away afterwards."""
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _do(url, f"ALTER SYSTEM SET {setting} = off")
    _do(url, "SELECT pg_reload_conf()")


def _do(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
