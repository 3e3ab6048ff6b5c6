"""A worker in a thread."""

import threading
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog

from core.ports.environment import Environment

_log = structlog.get_logger("ecshop.worker")


class Worker(Protocol):
    """Something that goes on until it is told to stop; `trouble` is what it waits for right now, empty while it works."""

    trouble: str

    def run(self, stopping: Callable[[], bool]) -> None:
        """Go on; what is away is waited for."""


class WorkerThread:
    """Runs a worker until told to stop. `died` says why, where it ended by itself."""

    def __init__(self, name: str, worker: Worker, environment: Environment) -> None:
        """Run it under this name."""
        self.name = name
        self.died = ""
        self._worker = worker
        self._environment = environment
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def trouble(self) -> str:
        """What it waits for, or what it died of."""
        return self.died or self._worker.trouble

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Have it end after what it is at."""
        self._stopping.set()
        self._environment.wake()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._worker.run(self._stopping.is_set)
        except Exception as error:  # noqa: BLE001 - whatever ends the thread must be told to those who watch it
            self.died = f"{type(error).__name__}: {error}"
            _log.exception("worker died", worker=self.name)


def stop(threads: Iterable[WorkerThread]) -> None:
    """Let each finish what it is at, all at the same time, and wait for them."""
    threads = list(threads)
    for thread in threads:
        thread.ask_to_stop()
    for thread in threads:
        thread.join()
