"""Reconciling while a simulated run goes on."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from core.delivery.projector import AWAY
from core.delivery.reconcile import Reconcile
from entrypoints.comparison.simulated.scheduler import Scheduler


class Upkeep:
    """Reconciles each projector now and then."""

    EVERY = 10.0
    """Seconds; a simulated run is over in less than the five minutes of the shop's own schedule."""

    RECENT = timedelta(minutes=10)

    def __init__(self, reconciles: Sequence[Reconcile], scheduler: Scheduler) -> None:
        """Run these."""
        self._reconciles = reconciles
        self._scheduler = scheduler

    def run(self, stopping: Callable[[], bool]) -> None:
        """Go on until told to stop."""
        while not self._scheduler.wait(stopping, self.EVERY):
            for reconcile in self._reconciles:
                try:
                    reconcile.repair(reconcile.look(recent=self.RECENT))
                except AWAY:  # what is away is asked again at the next turn
                    continue
