"""Shoppers, in a process of their own: they fill their carts, or order what is in them.

Run as `python -m benchmarks.order_client`, with the arguments of `run` as a JSON object on standard input; prints the figures as JSON.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import NamedTuple
from urllib.parse import urlsplit

import uvloop

from benchmarks.http_client import Connection


class Figures(NamedTuple):
    """Milliseconds that half of the requests take, requests a second of all connections together, and the server's processor time."""

    p50: float
    rate: float
    cpu: float = 0.0
    """Milliseconds a request, where somebody looked."""


def filling(shopper: str, products: Sequence[str]) -> list[bytes]:
    """Put one unit of each product in the shopper's cart."""
    bodies = [json.dumps({"product_id": product_id, "quantity": 1}) for product_id in products]
    return [_post("/cart/items", shopper, body) for body in bodies]


def ordering(shopper: str) -> list[bytes]:
    """Order what is in the shopper's cart."""
    return [_post("/orders", shopper, "")]


def _post(path: str, shopper: str, body: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-User-ID: {shopper}\r\nContent-Type: application/json"
    return f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


async def run(address: str, shoppers: list[list[str]], products: list[list[str]] | None) -> Figures:
    """Have the shoppers of each list fill their carts with its products or, where there are none, order.

    A list has a connection of its own, and its shoppers come one after the other.
    """
    url, times = urlsplit(address), list[float]()
    loop = asyncio.get_running_loop()
    everybody = [
        [request for shopper in mine for request in (filling(shopper, products[at]) if products else ordering(shopper))]
        for at, mine in enumerate(shoppers)
    ]
    made = [await loop.create_connection(Connection, url.hostname or "", url.port or 80) for _ in everybody]
    began = perf_counter()

    async def work(connection: Connection, requests: list[bytes]) -> None:
        for request in requests:
            start = perf_counter()
            await connection.ask(request)
            times.append(perf_counter() - start)

    await asyncio.gather(*(work(each[1], requests) for each, requests in zip(made, everybody, strict=True)))
    rate = len(times) / (perf_counter() - began)
    for transport, _ in made:
        transport.close()
    return Figures(median(times) * 1000, rate)


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(**json.load(sys.stdin)))))
