"""A load generator of its own process: keep-alive connections that send their next request when the last is answered.

Run as `python -m benchmarks.http_client`, with the arguments of `run` as a JSON object on standard input; prints the figures as JSON.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from statistics import quantiles
from time import perf_counter
from typing import cast
from urllib.parse import urlsplit
from uuid import uuid4

import uvloop

Asking = Callable[["Connection"], Awaitable[None]]


class Connection(asyncio.Protocol):
    """HTTP/1.1 as far as our own servers speak it: answers with a Content-Length."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        # uvloop's transports are asyncio's by behaviour, not by inheritance.
        self._transport = cast("asyncio.Transport", transport)

    async def ask(self, request: bytes) -> None:
        """Send a request and wait for its whole answer, which must be a good one."""
        assert self._transport
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        await self._answer

    def data_received(self, data: bytes) -> None:
        """Look whether the answer is whole."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]):
            return
        self._received = b""
        assert self._answer
        if head.startswith(b"HTTP/1.1 20"):
            self._answer.set_result(None)
        else:
            self._answer.set_exception(RuntimeError((head + end + body).decode()))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits for an answer."""
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("closed before it answered"))


def getting(path: str) -> Asking:
    """Read one page."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    return lambda connection: connection.ask(request)


def ordering(product_id: str) -> Asking:
    """Put one unit in a new shopper's cart and order it."""
    item = json.dumps({"product_id": product_id, "quantity": 1})

    async def order(connection: Connection) -> None:
        head = (
            f"HTTP/1.1\r\nHost: localhost\r\nX-User-ID: {uuid4()}\r\nContent-Type: application/json\r\nContent-Length:"
        )
        await connection.ask(f"POST /cart/items {head} {len(item)}\r\n\r\n{item}".encode())
        await connection.ask(f"POST /orders {head} 0\r\n\r\n".encode())

    return order


async def run(address: str, askings: list[Asking], seconds: float) -> dict[str, float]:
    """Repeat each asking on a connection of its own; give how many a second, and milliseconds at p50 and p99."""
    url, times = urlsplit(address), list[float]()
    host, port = url.hostname or "", url.port or 80
    loop, began = asyncio.get_running_loop(), perf_counter()

    async def work(asking: Asking) -> None:
        transport, connection = await loop.create_connection(Connection, host, port)
        while (start := perf_counter()) - began < seconds:
            await asking(connection)
            times.append(perf_counter() - start)
        transport.close()

    await asyncio.gather(*(work(asking) for asking in askings))
    cuts = quantiles(times, n=100)
    return {"rate": len(times) / (perf_counter() - began), "p50": cuts[49] * 1000, "p99": cuts[98] * 1000}


def main() -> None:
    """Do what standard input says."""
    wanted = json.load(sys.stdin)
    asking = {"get": getting, "order": ordering}[wanted["ask"]]
    askings = [asking(of) for of in wanted["of"]]
    print(json.dumps(uvloop.run(run(wanted["address"], askings, wanted["seconds"]))))


if __name__ == "__main__":
    main()
