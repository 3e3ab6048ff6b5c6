"""Reconciling: what a projector holds against what the store holds. A gap cannot show the loss of the last event of a stream; this does."""

import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Literal, NamedTuple, TypeVar

from core.delivery.consumer import Consumer
from core.delivery.deep_look import DeepLook
from core.delivery.stream_batch import Fold
from core.ports.environment import Environment
from core.ports.event_feed import Doorbell
from core.ports.event_store import EventStore, StreamDamaged
from core.ports.projection_store import Cursor, ProjectionStore, Standing

T = TypeVar("T")

BATCH = 500
"""Streams that are looked up at a time."""

Kind = Literal["behind", "ahead", "another event", "unknown", "damaged", "another row", "mails missing"]
"""How a stream differs: events not applied, a cursor beyond the head, another event at the cursor, a stream that the store does not
have, one with a hole; and in a deep look a row that is not the fold of its events, mails that were never queued."""


class Part(NamedTuple):
    """One of several parts of all streams."""

    segment: int = 0
    segments: int = 1

    def has(self, stream: str) -> bool:
        """Tell whether a stream that a projector knows is looked at in this part."""
        return zlib.crc32(stream.encode(errors="replace")) % self.segments == self.segment


EVERYTHING = Part()


class Difference(NamedTuple):
    """One stream that differs: where the projector stands, and where the store does.

    The store's head has version 0 where there is no such stream, and is the version that is missing where there is a hole.
    """

    stream: str
    kind: Kind
    cursor: Cursor
    head: Cursor


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
        self._environment = environment
        self._lag_window = lag_window

    def look(
        self,
        *,
        recent: timedelta | None = None,
        part: Part = EVERYTHING,
        deep: bool = False,
        generation: int | None = None,
        tell: Callable[[int], object] = lambda _: None,
    ) -> Report:
        """Look at all streams, at one part of them, or at those changed within `recent`.

        `tell` is told now and then how many more were looked at.

        Raises:
            ProjectionUnavailable, StoreUnavailable: no report can be given.
        """
        looked_at, suspects, parked = 0, dict[str, int](), set[str]()
        fold = self._deep_look.fold(generation) if deep else None
        for streams, standings, different in self._suspects(recent, part, generation, fold):
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
                if standings.get(stream, Standing()).parked:
                    parked.add(stream)
                elif difference := self._difference(stream, standings.get(stream, Standing()), fold, suspects[stream]):
                    differences.append(difference)
        return Report(looked_at, tuple(differences), tuple(sorted(parked)))

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

    def _suspects(
        self, recent: timedelta | None, part: Part, generation: int | None, fold: Fold | None
    ) -> Iterator[tuple[Sequence[str], Mapping[str, Standing], dict[str, int]]]:
        """Give streams in batches, with where they stand and, for those that seem to differ, the version of the store's head."""
        if recent is not None:
            for streams in batched(self._store.changed_since(self._environment.now() - recent), BATCH):
                standings = self._projections.standings(streams, generation)
                yield streams, standings, self._different(streams, standings, fold)
            return
        seen = set[str]()
        for heads in batched(self._store.heads(*part), BATCH):
            at = {head.stream: Cursor(head.version, head.event_id) for head in heads}
            seen |= at.keys()
            standings = self._projections.standings(at.keys(), generation)
            different = {
                stream: head.version for stream, head in at.items() if standings.get(stream, Standing()).cursor != head
            }
            if fold:
                different |= self._different(at.keys() - different.keys(), standings, fold)
            yield list(at), standings, different
        for known in batched(self._projections.all_standings(generation), BATCH):
            unseen = {stream: standing for stream, standing in known if stream not in seen and part.has(stream)}
            # With all heads seen, the store has no such stream; a part must ask, as the store divides its streams in its own way.
            different = self._different(unseen, unseen, None) if part.segments > 1 else dict.fromkeys(unseen, 0)
            yield list(different), unseen, different

    def _different(
        self, streams: Collection[str], standings: Mapping[str, Standing], fold: Fold | None
    ) -> dict[str, int]:
        found = (self._difference(stream, standings.get(stream, Standing()), fold) for stream in streams)
        return {difference.stream: difference.head.version for difference in found if difference}

    def _difference(
        self, stream: str, standing: Standing, fold: Fold | None, head_before: int | None = None
    ) -> Difference | None:
        """Compare one stream. With the version of an earlier head, what was written after that may still be on its way."""
        cursor = standing.cursor
        try:
            at_cursor, head = self._positions(stream, cursor)
            on_its_way = head_before is not None and head_before <= cursor.version < head.version
            if at_cursor != cursor or (head != cursor and not on_its_way):
                kind: Kind = "unknown" if not head.version else "ahead" if head.version < cursor.version else "behind"
                if at_cursor.version == cursor.version and at_cursor != cursor:
                    kind = "another event"
                return Difference(stream, kind, cursor, head)
            if fold and (found := self._deep_look.difference(stream, standing, fold)):
                return Difference(stream, found, cursor, head)
        except StreamDamaged as damaged:
            return Difference(stream, "damaged", cursor, Cursor(damaged.version))
        return None

    def _positions(self, stream: str, cursor: Cursor) -> tuple[Cursor, Cursor]:
        """Read, consistently, what the store has at the cursor's version and at its head."""
        events = self._store.read(stream, max(cursor.version, 1))
        positions = [Cursor(event.version, event.id) for event in events]
        if not positions and cursor.version:
            return Cursor(), max(
                (Cursor(event.version, event.id) for event in self._store.read(stream)), default=Cursor()
            )
        at_cursor = positions[0] if cursor.version else Cursor()
        return at_cursor, positions[-1] if positions else Cursor()


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Give the items in lists of up to `size`."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
