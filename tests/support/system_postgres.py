"""A PostgreSQL of the system's own, as a process on a free port and a temporary folder; nothing of it outlives the tests."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.support.ministack import free_port
from tests.support.waiting import wait_until


def system_postgres_folder() -> Path | None:
    """Find the folder with the system's `initdb` and `postgres`; None where none is installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: path.parts[-3])
    on_path = shutil.which("postgres")
    for postgres in [*([Path(on_path).resolve()] if on_path else []), *reversed(installed)]:
        if (postgres.parent / "initdb").exists():
            return postgres.parent
    return None


@contextmanager
def system_postgres(programs: Path) -> Iterator[str]:
    """Run a server while inside; give its URL."""
    # PostgreSQL refuses to run as root.
    user: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        if user:
            shutil.chown(folder, "postgres", "postgres")
        data, port, log = f"{folder}/data", free_port(), Path(folder, "log")
        made = subprocess.run(
            [programs / "initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres", "-D", data],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            **user,
        )
        assert made.returncode == 0, made.stderr
        quick = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, *quick],
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                **user,
            )
            url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            try:
                wait_until(lambda: server.poll() is not None or answers(url))
                assert server.poll() is None, log.read_text()
                yield url
            finally:
                server.send_signal(signal.SIGINT)  # at once, without waiting for clients
                server.wait(60)


def answers(url: str) -> bool:
    """Tell whether a server takes connections."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
