"""The projector's thread inside the process that serves the shop."""

import threading

import structlog

from core.delivery.projector import Projector
from core.ports.environment import Environment

_log = structlog.get_logger("ecshop.projector")


class ProjectorThread:
    """Runs a projector until told to stop. `died` says why, where it ended by itself."""

    def __init__(self, name: str, projector: Projector, environment: Environment) -> None:
        """Run this projector under this name."""
        self.name = name
        self.projector = projector
        self.died = ""
        self._environment = environment
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"projector {name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let it finish its batch and wait for it."""
        self._stopping.set()
        self._environment.wake()
        self._thread.join()

    def _run(self) -> None:
        try:
            self.projector.run(self._stopping.is_set)
        except Exception as error:  # noqa: BLE001 - whatever ends the thread must be told to those who watch the shop
            self.died = f"{type(error).__name__}: {error}"
            _log.exception("projector died", projector=self.name)
