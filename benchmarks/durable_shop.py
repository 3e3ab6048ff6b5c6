"""A shop on PostgreSQL for benchmarks: its database, and `ecshop` commands on it as processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from adapters.system.environment import system_environment
from benchmarks.projection_database import database, server
from config.database import migrate
from config.settings import Settings


@contextmanager
def durable_shop() -> Iterator[dict[str, str]]:
    """Give the settings of an empty shop."""
    with server() as server_url, database(server_url) as url:
        migrate(Settings(store="postgres", database_url=SecretStr(url)), system_environment())
        yield {"STORE": "postgres", "DATABASE_URL": url}


@contextmanager
def command(settings: Mapping[str, str], said: Path, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run one while inside; what it says goes to the file."""
    run = [sys.executable, "-u", "-m", "entrypoints.cli", *arguments]
    with (
        said.open("wb") as output,
        subprocess.Popen(run, env=os.environ | settings, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
