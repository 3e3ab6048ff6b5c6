"""Everything that a served shop does behind its rows, in threads of its own; or what others do there, where WORKERS says so."""

from typing import NamedTuple

from config.shop import Shop
from core.delivery.projector import Projector
from core.ports.projection_store import ProjectionStore
from entrypoints.workers import notify, project, reconcile, relay
from entrypoints.workers.threads import WorkerThread, stop


class Projecting(NamedTuple):
    """A projector at work, here or in another process, with what can be told of it."""

    thread: WorkerThread
    projector: Projector
    projections: ProjectionStore


class Background:
    """The threads: `projectors` by name, and `others`."""

    def __init__(self, shop: Shop) -> None:
        """Make them; none runs yet."""
        # What functions do is not seen from here: their alarms tell of it.
        here = shop.settings().workers != "lambda"
        self.threads = [*project.threads(shop), *notify.threads(shop), *reconcile.threads(shop)] if here else []
        self._inline = shop.settings().workers == "inline"
        if self._inline:  # else nothing of it is seen from here but the marks, which the lag of the projectors tells of
            self.threads += relay.threads(shop)
        roles = {role.name(): role for role in (shop.read_models, shop.notifier)}
        self.projectors = {
            thread.name: Projecting(thread, roles[thread.name].projector(), roles[thread.name].projections())
            for thread in self.threads
            if thread.name in roles
        }
        self.others = [thread for thread in self.threads if thread.name not in roles]

    def start(self) -> None:
        """Have all of them begin."""
        for thread in self.threads if self._inline else ():
            thread.start()

    def stop(self) -> None:
        """Let each finish what it is at."""
        stop(self.threads if self._inline else ())
