"""Looking at all streams in parts, for who may not work for long at a time; what was looked at stays so when it ends."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from core.delivery.reconcile import Reconcile, Report
from core.domain.times import instant
from core.ports.environment import Environment
from core.ports.projection_store import ProjectionStore

SEGMENTS = 64
"""Parts in which the store's heads are looked at. One has to fit into an invocation."""

STREAMS = 5_000
"""Streams of the projector's that are looked at before it is noted how far that has come."""


class Bookmark(NamedTuple):
    """How far a sweep has come: first through the segments of the store's heads, then through the projector's cursors, by name."""

    begun_at: datetime
    segments: int
    done: int = 0
    after: str = ""
    is_over: bool = False

    def __str__(self) -> str:
        """Write it as it is kept."""
        return f"{instant(self.begun_at)} {'over' if self.is_over else self.done}/{self.segments} {self.after}"

    @classmethod
    def read(cls, text: str) -> "Bookmark | None":
        """Read it; None where nothing is kept, or nothing of ours."""
        begun_at, _, rest = text.partition(" ")
        place, _, after = rest.partition(" ")
        done, _, segments = place.partition("/")
        try:
            at = datetime.fromisoformat(begun_at)
            bookmark = cls(at, int(segments), 0 if done == "over" else int(done), after, done == "over")
        except ValueError:
            return None
        return bookmark if at.tzinfo else None


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
        """Go on with the sweep, or begin one where the last began `every` ago; tell whether it is over.

        Each part is repaired, told, and not looked at again. Where `in_time` no longer holds, the next call does the rest.

        Raises:
            ProjectionUnavailable, StoreUnavailable: the next call begins with the same part.
        """
        at, now = Bookmark.read(self._projections.bookmark()), self._environment.now()
        if at is None or at.segments != self._segments or (at.is_over and now - at.begun_at >= every):
            at = Bookmark(now, self._segments)
        while not at.is_over:
            if not in_time():
                return False
            report, at = self._part(at)
            self._reconcile.repair(report)
            tell(report)
            self._projections.keep_bookmark(str(at))
        return True

    def age_seconds(self) -> float:
        """Tell how long ago the last sweep began; 0 where none was. One that never ends gets old."""
        at = Bookmark.read(self._projections.bookmark())
        return (self._environment.now() - at.begun_at).total_seconds() if at else 0.0

    def _part(self, at: Bookmark) -> tuple[Report, Bookmark]:
        """Do the next part; give what was found, and how far that is."""
        if at.done < at.segments:
            return self._reconcile.look_at_heads(at.done, at.segments), at._replace(done=at.done + 1)
        report, last = self._reconcile.look_at_cursors(at.after, STREAMS)
        return report, at._replace(after=last or "", is_over=last is None)
