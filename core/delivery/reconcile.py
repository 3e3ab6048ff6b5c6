"""Reconciling: what a projector holds against what the store holds. A gap cannot show the loss of the last event of a stream; this does."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import NamedTuple, TypeVar

from core.delivery.comparing import Comparing, Difference, Kind
from core.delivery.consumer import Consumer
from core.delivery.deep_look import DeepLook
from core.delivery.stream_batch import Fold
from core.ports.environment import Environment
from core.ports.event_feed import Doorbell
from core.ports.event_store import EventStore, Head
from core.ports.projection_store import Cursor, ProjectionStore, Standing

__all__ = ["BATCH", "Difference", "Kind", "Reconcile", "Report", "batched"]

T = TypeVar("T")

BATCH = 500
"""Streams that are looked up at a time."""


class _Looked(NamedTuple):
    """A batch of streams, where they stand, and for those that seem to differ the version of the store's head."""

    streams: Sequence[str]
    standings: Mapping[str, Standing]
    different: dict[str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """What a look found: how many streams it looked at, those that differ, and those that are parked and so left to redrive."""

    looked_at: int
    differences: tuple[Difference, ...]
    parked: tuple[str, ...]


class Reconcile:
    """Compares the store's heads with one projector's cursors, both ways; a deep look compares what is behind them too.

    What differs is looked at again after `lag_window` seconds, and counts only if it still does: the first time it may just have been
    on its way. A stream that goes on all the time is always a little behind; it must have come to where the store was at the first look.
    Every look raises `ProjectionUnavailable` or `StoreUnavailable` where no report can be given.
    """

    def __init__(
        self,
        store: EventStore,
        projections: ProjectionStore,
        consumer: Consumer,
        deep_look: DeepLook,
        environment: Environment,
        lag_window: float = 2.0,
    ) -> None:
        """Work on these."""
        self._store = store
        self._projections = projections
        self._consumer = consumer
        self._deep_look = deep_look
        self._comparing = Comparing(store, deep_look)
        self._environment = environment
        self._lag_window = lag_window

    def look(
        self,
        *,
        recent: timedelta | None = None,
        deep: bool = False,
        generation: int | None = None,
        tell: Callable[[int], object] = lambda _: None,
    ) -> Report:
        """Look at all streams, or at those changed within `recent`; `tell` is told now and then how many more were looked at."""
        fold = self._deep_look.fold(generation) if deep else None
        looked = self._all(generation, fold) if recent is None else self._recent(recent, generation, fold)
        return self._report(looked, generation, fold, tell)

    def look_at_heads(self, segment: int, segments: int) -> Report:
        """Look at one segment of the store's streams: whether the projector has come to the head of each."""
        return self._report(self._heads(self._store.heads(segment, segments), None, None))

    def look_at_cursors(self, after: str, most: int) -> tuple[Report, str | None]:
        """Look at the next streams that the projector knows, by name: whether the store has the event that each cursor stands at.

        Give the name of the last, None where there are no more.
        """
        known = list(islice(self._projections.all_standings(after=after), most))
        report = self._report(self._cursors(known))
        return report, known[-1][0] if len(known) == most else None

    def repair(self, report: Report, *, deep: bool = False, generation: int | None = None) -> None:
        """Ring for what differs, as a doorbell without an image does; a deep repair makes the rows anew.

        Raises:
            ProjectionUnavailable, StoreUnavailable: some streams may not be repaired.
        """
        for difference in report.differences:
            if deep:
                self._consumer.refold(difference.stream, generation)
            else:
                version = max(difference.head.version, difference.cursor.version)
                self._consumer.handle([Doorbell(difference.stream, version, None, "reconcile")], generation)

    def _report(
        self,
        looked: Iterable[_Looked],
        generation: int | None = None,
        fold: Fold | None = None,
        tell: Callable[[int], object] = lambda _: None,
    ) -> Report:
        looked_at, suspects, parked = 0, dict[str, int](), set[str]()
        for streams, standings, different in looked:
            looked_at += len(streams)
            waiting = {stream for stream in streams if standings.get(stream, Standing()).parked}
            parked |= waiting
            suspects |= {stream: version for stream, version in different.items() if stream not in waiting}
            tell(len(streams))
        if not suspects:
            return Report(looked_at, (), tuple(sorted(parked)))
        self._environment.sleep(self._lag_window)
        differences = []
        for streams in batched(sorted(suspects), BATCH):
            standings = self._projections.standings(streams, generation)
            for stream in streams:
                standing = standings.get(stream, Standing())
                if standing.parked:
                    parked.add(stream)
                elif difference := self._comparing.difference(stream, standing, fold, suspects[stream]):
                    differences.append(difference)
        return Report(looked_at, tuple(differences), tuple(sorted(parked)))

    def _recent(self, recent: timedelta, generation: int | None, fold: Fold | None) -> Iterator[_Looked]:
        for streams in batched(self._store.changed_since(self._environment.now() - recent), BATCH):
            standings = self._projections.standings(streams, generation)
            yield _Looked(streams, standings, self._comparing.different(streams, standings, fold))

    def _all(self, generation: int | None, fold: Fold | None) -> Iterator[_Looked]:
        seen = set[str]()
        for looked in self._heads(self._store.heads(), generation, fold):
            seen.update(looked.streams)
            yield looked
        for known in batched(self._projections.all_standings(generation), BATCH):
            unknown = {stream: standing for stream, standing in known if stream not in seen}
            yield _Looked(list(unknown), unknown, dict.fromkeys(unknown, 0))

    def _heads(self, heads: Iterator[Head], generation: int | None, fold: Fold | None) -> Iterator[_Looked]:
        for some in batched(heads, BATCH):
            at = {head.stream: Cursor(head.version, head.event_id) for head in some}
            standings = self._projections.standings(at.keys(), generation)
            different = {
                stream: head.version for stream, head in at.items() if standings.get(stream, Standing()).cursor != head
            }
            if fold:
                different |= self._comparing.different(at.keys() - different.keys(), standings, fold)
            yield _Looked(list(at), standings, different)

    def _cursors(self, known: Sequence[tuple[str, Standing]]) -> Iterator[_Looked]:
        for some in batched(known, BATCH):
            standings = dict(some)
            places = {(stream, each.cursor.version) for stream, each in some if each.cursor.version}
            ids = self._store.event_ids(places)
            different = {
                stream: 0
                for stream, version in places
                if ids.get((stream, version)) != standings[stream].cursor.event_id
            }
            yield _Looked(list(standings), standings, different)


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Give the items in lists of up to `size`."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
