"""Generations in memory: the registry, and what each of them holds."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.ports.environment import Environment
from core.ports.generations import Generation, GenerationsRefused
from core.ports.projection_store import Cursor, Parked, Row, Standing

BARRIER = 60.0
"""Seconds between two looks at whether the batches of before are over; each end of a batch is a look too."""


@dataclass(slots=True)
class Kept:
    """The cursors, rows and parked streams of one generation."""

    cursors: dict[str, Cursor] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    parked: dict[str, Parked] = field(default_factory=dict)

    def standing(self, stream: str) -> Standing:
        """Tell where a stream stands."""
        return Standing(self.cursors.get(stream, Cursor()), self.rows.get(stream), self.parked.get(stream))


class InMemoryGenerations:
    """The registry. A batch is entered in it for as long as it lasts, so that `begin` can wait for those of before."""

    def __init__(self, environment: Environment, folds: int) -> None:
        """Start with number 1, live, filled by folds of this version."""
        self._environment = environment
        self._guard = threading.Lock()
        self._known = {1: Generation(1, folds, "live")}
        self._kept = {1: Kept()}
        self._live = 1
        self._under_way: set[object] = set()

    @contextmanager
    def batch(self, only: int | None) -> Iterator[Sequence[Generation]]:
        """Give the generations that a batch writes; none of them is taken away while inside."""
        token = object()
        with self._guard:
            self._under_way.add(token)
            written = [each for each in self.generations() if each.status != "retired" and only in {None, each.number}]
        try:
            yield written
        finally:
            with self._guard:
                self._under_way.discard(token)
            self._environment.wake()

    def kept(self, number: int | None = None) -> Kept:
        """Give what a generation holds, or the live one; one that is gone holds nothing."""
        kept = self._kept.get(self._live if number is None else number)
        return Kept() if kept is None else kept

    def generations(self) -> Sequence[Generation]:
        """List them by number."""
        return list(self._known.values())

    def passed(self, number: int | None = None) -> int:
        """Add the versions up."""
        return sum(cursor.version for cursor in list(self.kept(number).cursors.values()))

    def begin(self, folds: int) -> Generation:
        """Register the next one, then wait for every batch that began before."""
        with self._guard:
            building = next((each for each in self._known.values() if each.status == "building"), None)
            if building and building.folds != folds:
                raise GenerationsRefused(
                    f"generation {building.number} is being built with folds {building.folds}, not {folds}; drop it first"
                )
            if building is None:
                building = Generation(max(self._known) + 1, folds, "building")
                self._known[building.number] = building
                self._kept[building.number] = Kept()
        self._wait_for_batches()
        return building

    def _wait_for_batches(self) -> None:
        with self._guard:
            before = set(self._under_way)
        while not self._environment.wait(lambda: not (before & self._under_way), BARRIER):
            pass

    def swap(self, number: int) -> None:
        """Change two entries at once."""
        with self._guard:
            new = self._known.get(number)
            if new is None or new.status != "building":
                raise GenerationsRefused(f"generation {number} is not being built, so it cannot go live")
            self._known |= {
                self._live: self._known[self._live]._replace(status="retired"),
                number: new._replace(status="live"),
            }
            self._live = number

    def drop(self, number: int) -> None:
        """Forget one."""
        with self._guard:
            gone = self._known.get(number)
            if gone is None or gone.status == "live":
                reason = "is the live one" if gone else "does not exist"
                raise GenerationsRefused(f"generation {number} {reason}, so it cannot be dropped")
            del self._known[number]
        self._wait_for_batches()
        del self._kept[number]
