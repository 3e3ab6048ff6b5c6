"""Reconciling on a schedule: what changed lately often, everything once a day; what differs is repaired and told."""

import logging
from collections.abc import Callable
from datetime import timedelta

from core.delivery.projector import AWAY
from core.delivery.reconcile import Reconcile
from core.ports.environment import Environment

RECENT_EVERY = timedelta(minutes=5)
RECENT = timedelta(minutes=10)
"""How far back a look at recent streams goes: twice as far as the look before, as a store's own index may lag."""

ALL_EVERY = timedelta(days=1)

_log = logging.getLogger("ecshop.reconcile")


class Upkeep:
    """Reconciles one projector. `differences` counts what was found so far; `trouble` is what it waits for, empty while it works."""

    def __init__(
        self, projector: str, reconcile: Reconcile, environment: Environment, every: timedelta = RECENT_EVERY
    ) -> None:
        """Work on these, at recent streams `every` so often; a look at all comes first, since nobody knows when the last one was."""
        self.projector = projector
        self.differences = 0
        self.trouble = ""
        self._reconcile = reconcile
        self._environment = environment
        self._every = every
        self._looked_at_all = float("-inf")

    def step(self) -> None:
        """Look, at all streams where it is time for that, and repair.

        Raises:
            ProjectionUnavailable, StoreUnavailable: the next step does the same.
        """
        now = self._environment.monotonic()
        everything = now - self._looked_at_all >= ALL_EVERY.total_seconds()
        report = self._reconcile.look(recent=None if everything else RECENT)
        for stream, kind, cursor, head in report.differences:
            _log.warning(
                "%s: %s is %s, at version %d where the store has %d",
                self.projector,
                stream,
                kind,
                cursor.version,
                head.version,
            )
        self.differences += len(report.differences)
        self._reconcile.repair(report)
        if everything:
            self._looked_at_all = now

    def run(self, stopping: Callable[[], bool]) -> None:
        """Go on until told to stop; what is away is asked again at the next turn."""
        while not stopping():
            try:
                self.step()
                self.trouble = ""
            except AWAY as error:
                self.trouble = f"{type(error).__name__}: {error}"
            self._environment.wait(stopping, self._every.total_seconds())
