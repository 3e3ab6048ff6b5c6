"""How many requests were answered and how long they took, as Prometheus counts."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}
"""Those that are counted by name: a client may make names up, and each would be kept for ever."""

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Seconds up to which each bucket counts; one more has no bound."""


class RequestFigures(Collector):
    """Counts on the event loop alone, so without the locks and checks of the library's own counters, which cost a tenth of a read."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._requests: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._buckets: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests[method if method in METHODS else "other", route, status] += 1
        self._seconds[route] += seconds
        self._buckets[route][bisect_left(BOUNDS, seconds)] += 1

    def collect(self) -> Iterable[Metric]:
        """Give the figures of now; whoever asks is on another thread, so each is copied at once."""
        requests = CounterMetricFamily(
            "ecshop_http_requests", "Requests answered.", labels=["method", "route", "status"]
        )
        for (method, route, status), count in self._requests.copy().items():
            requests.add_metric([method, route, str(status)], count)
        seconds = HistogramMetricFamily("ecshop_http_request_seconds", "From request to answer.", labels=["route"])
        names = [*map(str, BOUNDS), "+Inf"]
        for route, buckets in self._buckets.copy().items():
            seconds.add_metric([route], list(zip(names, accumulate(buckets), strict=True)), self._seconds[route])
        return [requests, seconds]
