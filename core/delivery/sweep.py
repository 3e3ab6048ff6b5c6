"""Looking at all streams in parts, for who may not work for long at a time; what was looked at stays so when it ends."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from core.delivery.reconcile import Part, Reconcile, Report
from core.domain.times import instant
from core.ports.environment import Environment
from core.ports.projection_store import ProjectionStore

SEGMENTS = 16
"""Parts of a sweep. One has to fit into an invocation; each costs a pass over the cursors."""


class Bookmark(NamedTuple):
    """How far a sweep has come: when it began, how many parts are done, and of how many."""

    begun_at: datetime
    done: int
    segments: int

    def __str__(self) -> str:
        """Write it as it is kept."""
        return f"{instant(self.begun_at)} {self.done}/{self.segments}"

    @classmethod
    def read(cls, text: str) -> "Bookmark | None":
        """Read it; None where nothing is kept, or nothing of ours."""
        try:
            begun_at, done, segments = text.replace("/", " ").split()
            return cls(datetime.fromisoformat(begun_at), int(done), int(segments))
        except ValueError:
            return None


class Sweep:
    """A look at all streams, with repair, that goes on where the last call had to end."""

    def __init__(
        self,
        reconcile: Reconcile,
        projections: ProjectionStore,
        environment: Environment,
        segments: int = SEGMENTS,
    ) -> None:
        """Work on these."""
        self._reconcile = reconcile
        self._projections = projections
        self._environment = environment
        self._segments = segments

    def go_on(self, every: timedelta, in_time: Callable[[], bool], tell: Callable[[Report], object]) -> bool:
        """Go on with the sweep, or begin one where the last began `every` ago; tell whether it is done.

        Each part is repaired, told, and not looked at again. Where `in_time` no longer holds, the next call does the rest.

        Raises:
            ProjectionUnavailable, StoreUnavailable: the next call begins with the same part.
        """
        at, now = Bookmark.read(self._projections.bookmark()), self._environment.now()
        if at is None or at.segments != self._segments or (at.done >= at.segments and now - at.begun_at >= every):
            at = Bookmark(now, 0, self._segments)
        while at.done < at.segments:
            if not in_time():
                return False
            report = self._reconcile.look(part=Part(at.done, at.segments))
            self._reconcile.repair(report)
            tell(report)
            at = at._replace(done=at.done + 1)
            self._projections.keep_bookmark(str(at))
        return True
