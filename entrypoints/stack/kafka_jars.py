"""Apache Kafka's jars, fetched once into a cache of the user's."""

import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

VERSION = "4.3.1"
PARTS = (f"org.apache.kafka:kafka_2.13:{VERSION}", "org.slf4j:slf4j-simple:1.7.36")

STEP = 5_000_000
"""Bytes between two lines that tell how far the fetching is."""


class NoJars(Exception):
    """The jars cannot be fetched; the text is a clause that says why."""


def cache_folder() -> Path:
    """Give the folder in which this user's programs keep what can be had again. Source: the XDG Base Directory Specification."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ecshop"


def kafka_jars() -> Path:
    """Give the folder of the jars; the first call of all fetches them (44 MB), and says so on the standard error.

    Raises:
        NoJars: they are not there, and cannot be fetched.
    """
    folder = cache_folder() / f"kafka-{VERSION}"
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # another process may be at it
            if not folder.is_dir():
                with TemporaryDirectory(dir=folder.parent) as made:
                    _fetch(Path(made))
                    Path(made, "jars").rename(folder)  # whole, or not at all
    except OSError as error:
        raise NoJars(f"its jars cannot be kept in {folder}: {error.strerror or error}") from error
    return folder


def _fetch(into: Path) -> None:
    try:
        import jgo  # noqa: PLC0415 - an extra
        from jgo.maven import PythonResolver  # noqa: PLC0415
    except ModuleNotFoundError:
        raise NoJars("jgo, which fetches its jars, is not installed: install the extra `local`") from None
    tell = _Progress()
    tell(f"Fetching Apache Kafka {VERSION} (44 MB, once) ...")
    try:
        made = jgo.build("+".join(PARTS), cache_dir=into / "work", resolver=PythonResolver(progress_callback=tell.file))
    except Exception as error:  # whatever its resolver, its network or its files raise
        raise NoJars(f"its jars cannot be fetched: {' '.join(str(error).split()) or type(error).__name__}") from error
    (into / "jars").mkdir()
    for jar in made.all_jars:
        shutil.copyfile(jar, into / "jars" / jar.name)
    tell(f"Fetched Apache Kafka: {len(made.all_jars)} files.")


class _Progress:
    """Tells how much has come: a line each few megabytes, which suits a terminal and a log."""

    def __init__(self) -> None:
        self._bytes = 0

    def __call__(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - progress is for who waits

    @contextmanager
    def file(self, _name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield self._came

    def _came(self, count: int) -> None:
        before, self._bytes = self._bytes, self._bytes + count
        if before // STEP != self._bytes // STEP:
            self(f"  {self._bytes // 1_000_000} MB")
