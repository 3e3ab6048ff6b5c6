"""`ecshop rebuild` of a million events, as people run it: a process of its own, from its start until people read the new rows."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from benchmarks.durable_shop import command, durable_shop
from benchmarks.figures import Benchmark, Effort, Row, Sides
from tests.support.many_events import fill
from tests.support.waiting import wait_until

PATIENCE = 1_800
"""Seconds."""


@contextmanager
def _sides(effort: Effort) -> Iterator[Sides]:
    events = effort.of(1_000_000)

    def ours() -> tuple[float, float]:
        began = perf_counter()
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            said = Path(folder, "said")
            with command(settings, said, "rebuild") as process:
                wait_until(lambda: "is live." in said.read_text() or process.poll() is not None, PATIENCE)
                seconds = perf_counter() - began
                assert process.poll() is None, said.read_text()
                peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        assert peak
        return events / seconds, int(peak[1]) / 1024

    with durable_shop() as settings:
        fill(settings["DATABASE_URL"], events)
        yield Sides(ours)


BENCHMARKS = (
    Benchmark(
        (Row("rebuild-1m", "events/s", more_is_better=True), Row("rebuild-1m-peak", "MB")), "", _sides, most_runs=1
    ),
)
