"""What a cold start of the projector's function imports, beside psycopg alone, which is most of it: each in a process of its own.

Python reads what it compiled before, as make has it; without that, both would take more than twice as long.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from benchmarks.figures import Benchmark, Effort, Row, Sides

PROCESSES = 5
"""Of a run; the median counts."""

TIMED = "from time import perf_counter; began = perf_counter(); import {module}; print(perf_counter() - began)"


def import_milliseconds(module: str) -> float:
    """Import it in a new process, and give what that takes after Python's own start."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", TIMED.format(module=module)]
    said = subprocess.run(command, env=variables, text=True, check=True, stdout=subprocess.PIPE).stdout
    return float(said) * 1000


@contextmanager
def _sides(effort: Effort) -> Iterator[Sides]:
    psycopgs: list[float] = []

    def ours() -> tuple[float]:
        """Alternate, process by process, whatever else the machine does."""
        projectors = []
        psycopgs.clear()
        for _ in range(effort.of(PROCESSES)):
            projectors.append(import_milliseconds("entrypoints.lambdas.projector"))
            psycopgs.append(import_milliseconds("psycopg"))
        return (median(projectors),)

    ours()  # so that everything is compiled
    yield Sides(ours, lambda: (median(psycopgs),))


BENCHMARKS = (Benchmark((Row("projector-import", "ms", target=0.75),), "importing psycopg", _sides),)
