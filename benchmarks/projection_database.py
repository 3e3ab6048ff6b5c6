"""The PostgreSQL of the read side's benchmarks: the embedded server as it is run for a shop, every commit on disk, or DATABASE_URL's."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg.conninfo import make_conninfo

from adapters.postgres.migrating import migrate
from entrypoints.stack.embedded_postgres import embedded_postgres


@contextmanager
def server() -> Iterator[str]:
    """Give the URL of a running server."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, embedded_postgres(Path(folder)) as url:
        yield url


@contextmanager
def database(server_url: str) -> Iterator[str]:
    """Give the URL of a migrated database of one's own, dropped afterwards."""
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            url = make_conninfo(server_url, dbname=name)
            migrate(url)
            yield url
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
