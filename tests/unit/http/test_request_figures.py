"""Our own counting of requests reads as that of the library would."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from entrypoints.http.request_figures import BOUNDS, RequestFigures

SECONDS = [0.0, 0.0004, *BOUNDS, 0.0051, 3.0, 60.0]
"""Times below, on and between the bounds, and beyond the last one."""


def text_of(registry: CollectorRegistry) -> list[str]:
    """Give what Prometheus reads, without the times of creation, which nobody needs."""
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


def test_the_figures_are_those_of_the_library_s_own_instruments() -> None:
    ours, theirs, figures = CollectorRegistry(), CollectorRegistry(), RequestFigures()
    ours.register(figures)
    requests = Counter("ecshop_http_requests", "Requests answered.", ("method", "route", "status"), registry=theirs)
    times = Histogram("ecshop_http_request_seconds", "From request to answer.", ("route",), registry=theirs)

    for route, status in (("/products", 200), ("/cart", 200), ("/cart", 404)):
        for seconds in SECONDS:
            figures.count("GET", route, status, seconds)
            requests.labels("GET", route, status).inc()
            times.labels(route).observe(seconds)

    assert text_of(ours) == text_of(theirs)


@pytest.mark.parametrize("method", ["MADEUP", "get", ""])
def test_a_method_that_a_client_makes_up_is_no_name(method: str) -> None:
    figures = RequestFigures()
    figures.count(method, "/products", 405, 0.001)

    (requests, _) = figures.collect()
    assert [sample.labels["method"] for sample in requests.samples] == ["other"]
