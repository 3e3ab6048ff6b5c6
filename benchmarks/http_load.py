"""Our HTTP API under load: reading a product beside a bare Litestar handler, and placing orders."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from benchmarks.figures import Benchmark, Effort, Row, Sides
from tests.support.waiting import wait_until

CONNECTIONS = 8
SECONDS = 2.0
"""Of one run."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs."""

    address: str
    products: tuple[str, ...]

    def load(self, ask: str, seconds: float) -> dict[str, float]:
        """Have another process ask it `get` or `order` for so long."""
        ids = self.products[:CONNECTIONS]
        of = [f"/products/{product_id}" for product_id in ids] if ask == "get" else ids
        wanted = json.dumps({"address": self.address, "ask": ask, "of": of, "seconds": seconds})
        client = [sys.executable, "-m", "benchmarks.http_client"]
        figures: dict[str, float] = json.loads(
            subprocess.run(client, input=wanted, text=True, check=True, stdout=subprocess.PIPE).stdout
        )
        return figures


@contextmanager
def serving(kind: str, **settings: str) -> Iterator[Served]:
    """Run a server while inside. Its log lines are written, to where nobody reads them."""
    command = [sys.executable, "-m", "benchmarks.http_server", kind]
    environment = os.environ | settings
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        try:
            assert process.stdout
            started = json.loads(process.stdout.readline())
            served = Served(started["address"].replace("localhost", "127.0.0.1"), tuple(started["products"]))
            wait_until(lambda: httpx.get(f"{served.address}/products/{served.products[-1]}").is_success)
            yield served
        finally:
            process.terminate()


@contextmanager
def _get_product(effort: Effort) -> Iterator[Sides]:
    seconds = max(SECONDS * effort.share, 0.5)
    with serving("shop") as shop, serving("bare") as bare:
        for server in (shop, bare):
            server.load("get", seconds)  # the first requests of a process find nothing warm
        yield Sides(lambda: (shop.load("get", seconds)["rate"],), lambda: (bare.load("get", seconds)["rate"],))


@contextmanager
def _place_order(effort: Effort) -> Iterator[Sides]:
    seconds = max(SECONDS * effort.share, 0.5)
    with serving("shop") as shop:
        shop.load("order", seconds)
        yield Sides(lambda: tuple(shop.load("order", seconds).values()))


BENCHMARKS = (
    Benchmark(
        (Row("http-get-product", "requests/s", target=0.6, more_is_better=True),), "bare Litestar handler", _get_product
    ),
    Benchmark(
        (
            Row("http-place-order", "orders/s", more_is_better=True),
            Row("http-place-order-p50", "ms"),
            Row("http-place-order-p99", "ms"),
        ),
        "",
        _place_order,
    ),
)
