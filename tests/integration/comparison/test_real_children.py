"""Processes of a real run as who started them sees them: what is told of their ends is true, and no other process is harmed."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing import forkserver
from multiprocessing.connection import wait
from pathlib import Path

import pytest

from entrypoints.comparison.real.children import Child
from entrypoints.comparison.real.job import ONLOOKER, READY, Job

NOWHERE = {"STORE": "postgres", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
"""A process that looks on asks servers, and goes on where there are none."""


@pytest.fixture
def children(tmp_path: Path) -> Iterator[list[Child]]:
    """Give two that have started."""
    made = []
    for name in "ab":
        (tmp_path / name).mkdir()
        made.append(Child(Job(ONLOOKER, "cdc", "doorbell", "postgres", 1, str(tmp_path / name)), NOWHERE))
    for child in made:
        child.start()
        assert child.hear() == READY
    yield made
    for child in made:
        child.kill()
        child.end()
    assert multiprocessing.active_children() == []


def killed(child: Child) -> int:
    """Kill it from elsewhere and wait for its end; give its id, which the system may then give to another."""
    process = child._process
    assert process is not None
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    assert wait([process.sentinel], 10)
    return process.pid


def test_one_that_was_killed_has_not_crashed_though_another_starts_at_that_moment(
    children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = children
    killed(first)
    killed(second)
    assert second.has_ended()
    read = forkserver.read_signed

    def slowly(descriptor: int) -> int | None:
        if threading.current_thread() is looking:
            time.sleep(0.5)  # between seeing that there is a status and reading it
        return read(descriptor)  # type: ignore[no-any-return]

    looking = threading.Thread(target=first.has_ended)
    monkeypatch.setattr(forkserver, "read_signed", slowly)
    looking.start()
    second.start()
    looking.join()

    assert first.has_ended()
    assert first.crashes == []


def test_a_kill_never_goes_to_the_id_of_one_that_has_ended(
    children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    child, _ = children
    pid = killed(child)
    signalled: list[int] = []
    monkeypatch.setattr(os, "kill", lambda whom, _number: signalled.append(whom))

    child.kill()

    assert pid not in signalled


def test_one_that_does_not_end_by_itself_is_ended(children: list[Child], monkeypatch: pytest.MonkeyPatch) -> None:
    child, _ = children
    process = child._process
    assert process is not None
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    monkeypatch.setattr("entrypoints.comparison.real.children.LONGEST_END", 0.2)

    child.end()

    assert child.has_ended()
    assert child.crashes == []
