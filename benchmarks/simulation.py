"""Simulated schedules of `ecshop compare`: `cdc` with `doorbell+reconcile`, all faults on, judged; on one core. Aim: 1,000 a minute."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from benchmarks.figures import Benchmark, Effort, Row, Sides
from entrypoints.comparison.comparing import Wish, compare
from entrypoints.comparison.quiet import without_alarms

SCHEDULES = 60
ORDERS = 8
"""Which make 40 commands and a few."""

COMMANDS = 40
"""Of a schedule, at least."""


@contextmanager
def _sides(effort: Effort) -> Iterator[Sides]:
    count = effort.of(SCHEDULES)

    def ours() -> tuple[float]:
        began = perf_counter()
        result = compare(Wish(1, count, ORDERS, (("cdc", "doorbell+reconcile"),)))
        seconds = perf_counter() - began
        (cell,) = result["cells"]
        assert cell["schedules"] == count
        assert cell["commands"] >= COMMANDS * count
        assert cell["events"] > COMMANDS * count / 2
        assert not result["broken"]
        return (count / seconds,)

    with without_alarms():
        yield Sides(ours)


BENCHMARKS = (Benchmark((Row("simulate", "schedules/s", more_is_better=True),), "", _sides),)
