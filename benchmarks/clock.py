"""The stopwatch that both sides are measured with."""

from collections.abc import Callable, Iterable
from statistics import median
from time import perf_counter_ns
from typing import TypeVar

T = TypeVar("T")


def median_microseconds(act: Callable[[T], object], inputs: Iterable[T]) -> float:
    """Time `act` on each input and give the median; what a generator does to prepare its next input is not timed."""
    times = []
    for given in inputs:
        began = perf_counter_ns()
        act(given)
        times.append(perf_counter_ns() - began)
    return median(times) / 1000
