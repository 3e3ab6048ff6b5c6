"""What a benchmark is: rows of the table, and two sides that are run in turn."""

import gc
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median

RUNS = 7
"""Of each side, in turn; the median counts, so up to 3 disturbed ones of a side do no harm."""

Run = Callable[[], Sequence[float]]
"""One run of a side; it gives a figure for each row."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much of the usual sizes and times is taken: all, or a little to see that everything works."""

    share: float = 1.0

    def of(self, usual: int) -> int:
        """Give the size to use."""
        return max(1, round(usual * self.share))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `target` is the ratio that is promised, None where nothing is."""

    name: str
    unit: str
    target: float | None = None
    more_is_better: bool = False

    def ratio(self, ours: float, peer: float) -> float:
        """Compare, so that more than 1 says that ours is better."""
        return ours / peer if self.more_is_better else peer / ours


@dataclass(frozen=True, slots=True)
class Sides:
    """What is run in turn; without a peer there is nothing to compare with."""

    ours: Run
    peer: Run | None = None


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Rows that are measured together. `peer_name` says what the peer's figure is of; `sides` prepares both for as long as it is open.

    The peer may give figures for the first rows only. `most_runs` is for what comes out the same every time and takes long.
    """

    rows: tuple[Row, ...]
    peer_name: str
    sides: Callable[[Effort], AbstractContextManager[Sides]]
    most_runs: int = RUNS


@dataclass(frozen=True, slots=True)
class Result:
    """A row with the figures of all runs."""

    row: Row
    peer_name: str
    ours_runs: tuple[float, ...]
    peer_runs: tuple[float, ...]

    @property
    def ours(self) -> float:
        """Our median."""
        return median(self.ours_runs)

    @property
    def peer(self) -> float | None:
        """The peer's median."""
        return median(self.peer_runs) if self.peer_runs else None

    @property
    def ratio(self) -> float | None:
        """The medians compared: more than 1 says that ours is better."""
        return None if self.peer is None else self.row.ratio(self.ours, self.peer)

    @property
    def missed(self) -> bool:
        """Whether the ratio is below its target."""
        return self.row.target is not None and (self.ratio is None or self.ratio < self.row.target)


def measure(benchmark: Benchmark, effort: Effort, runs: int, tell: Callable[[str], None]) -> list[Result]:
    """Run both sides in turn; `tell` is told how far it is, and nothing at the end."""
    ours: list[Sequence[float]] = []
    peer: list[Sequence[float]] = []
    runs = min(runs, benchmark.most_runs)
    tell("preparing")
    with benchmark.sides(effort) as sides:
        for number in range(1, runs + 1):
            tell(f"run {number} of {runs}")
            gc.collect()
            ours.append(sides.ours())
            if sides.peer:
                gc.collect()
                peer.append(sides.peer())
    tell("")
    return [
        Result(
            row,
            benchmark.peer_name,
            tuple(run[place] for run in ours),
            tuple(run[place] for run in peer if place < len(run)),
        )
        for place, row in enumerate(benchmark.rows)
    ]
