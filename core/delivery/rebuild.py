"""Rebuilding rows beside the live ones (blue/green in `docs/delivery.md`): begin, replay, reconcile to zero, swap, drop."""

from collections.abc import Callable, Iterator

from core.delivery.consumer import Consumer
from core.delivery.reconcile import BATCH, Difference, Reconcile, Report, batched
from core.ports.event_feed import Doorbell
from core.ports.event_store import EventReader, StreamDamaged
from core.ports.generations import Generation
from core.ports.projection_store import ProjectionStore

LOOKS = 5
"""Times that a new generation is repaired before it is said not to converge; writers go on meanwhile."""


class NotReconciled(Exception):
    """The new generation still differs from the store, so people go on reading the old one. `differences` says where."""

    def __init__(self, generation: Generation, differences: tuple[Difference, ...]) -> None:
        """Keep them."""
        streams = ", ".join(f"{each.stream} ({each.kind})" for each in differences[:3])
        super().__init__(f"generation {generation.number} still differs in {len(differences)} streams: {streams}")
        self.generation = generation
        self.differences = differences


class StillParked(Exception):
    """Streams are parked in the new generation that are not in the live one: going live would be a loss."""

    def __init__(self, generation: Generation, streams: tuple[str, ...]) -> None:
        """Keep them."""
        named = ", ".join(streams[:3])
        super().__init__(
            f"generation {generation.number} has {len(streams)} streams parked that the live one has not: {named}"
        )
        self.generation = generation
        self.streams = streams


class Rebuild:
    """The steps, for a caller who owns the threads: `begin`, then `replay` each segment to its end, in any order, then `go_live`.

    It can be stopped anywhere: begun again, it goes on with the same generation, whose cursors say what is done.
    """

    def __init__(
        self, store: EventReader, projections: ProjectionStore, consumer: Consumer, reconcile: Reconcile, folds: int
    ) -> None:
        """Fill generations with `consumer`, by its folds of version `folds`."""
        self._store = store
        self._projections = projections
        self._consumer = consumer
        self._reconcile = reconcile
        self._folds = folds

    def begin(self) -> Generation:
        """Drop what an earlier rebuild has retired, and register the new generation, or find the one to go on with.

        Raises:
            GenerationsRefused: one of other folds is being built.
            ProjectionUnavailable: try again.
        """
        for generation in self._projections.generations():
            if generation.status == "retired":
                self._projections.drop(generation.number)
        return self._projections.begin(self._folds)

    def replay(self, generation: Generation, segment: int, segments: int) -> Iterator[int]:
        """Apply a segment of the store; give the number of events after each short transaction. A damaged stream ends its segment early.

        What follows it is left to the reconciling of `go_live`, which parks the damaged stream and reads the others.

        Raises:
            ProjectionUnavailable, StoreUnavailable: begin again.
        """
        try:
            for events in batched(self._store.replay(segment, segments), BATCH):
                doorbells = [Doorbell(event.stream, event.version, event, "replay") for event in events]
                self._consumer.handle(doorbells, generation.number)
                yield len(events)
        except StreamDamaged:
            return

    def go_live(self, generation: Generation, tell: Callable[[Report], object] = lambda _: None) -> tuple[str, ...]:
        """Reconcile until nothing differs, then have people read the new generation; give what is parked in both.

        `tell` is told what each look found. The one before is retired; drop it when nobody can be reading it any more.

        Raises:
            NotReconciled, StillParked: people go on reading the old one.
            ProjectionUnavailable, StoreUnavailable: try again.
        """
        number = generation.number
        report = self._reconcile.look(generation=number)
        tell(report)
        for _ in range(LOOKS):
            if not report.differences:
                break
            self._reconcile.repair(report, generation=number)
            report = self._reconcile.look(generation=number)
            tell(report)
        else:
            raise NotReconciled(generation, report.differences)
        before = {parked.stream for parked in self._projections.parked_streams()}
        if new := tuple(stream for stream in report.parked if stream not in before):
            raise StillParked(generation, new)
        self._projections.swap(number)
        return report.parked
