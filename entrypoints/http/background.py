"""The threads behind the rows of a served shop: projectors, the sender of mails, what reconciles."""

import threading
from collections.abc import Callable
from typing import NamedTuple, Protocol

import structlog
from dependency_injector import providers

from config.role import Role
from config.shop import Shop
from core.delivery.projector import Projector
from core.ports.environment import Environment
from core.ports.projection_store import ProjectionStore

_log = structlog.get_logger("ecshop.background")


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

    def stop(self) -> None:
        """Let it finish what it is at, and wait for it."""
        self._stopping.set()
        self._environment.wake()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._worker.run(self._stopping.is_set)
        except Exception as error:  # noqa: BLE001 - whatever ends the thread must be told to those who watch the shop
            self.died = f"{type(error).__name__}: {error}"
            _log.exception("worker died", worker=self.name)


class Projecting(NamedTuple):
    """A projector at work here, with what can be told of it."""

    thread: WorkerThread
    projector: Projector
    projections: ProjectionStore


class Background:
    """Everything that a shop does behind its rows: projectors by name, and other workers."""

    def __init__(self, shop: Shop) -> None:
        """Make the threads; none runs yet."""
        environment = shop.environment()

        def working(name: str, worker: Worker) -> WorkerThread:
            return WorkerThread(name, worker, environment)

        def projecting(role: providers.Container[Role]) -> Projecting:
            return Projecting(working(role.name(), role.projector()), role.projector(), role.projections())

        roles = (shop.read_models, shop.notifier)
        self.projectors = {role.name(): projecting(role) for role in roles}
        self.others = [
            working("sender", shop.sender()),
            *(working(f"reconcile {role.name()}", role.upkeep()) for role in roles),
        ]

    @property
    def threads(self) -> list[WorkerThread]:
        """All of them."""
        return [*(each.thread for each in self.projectors.values()), *self.others]

    def start(self) -> None:
        """Have all of them begin."""
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Let each finish what it is at."""
        for thread in self.threads:
            thread.stop()
