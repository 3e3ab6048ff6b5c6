"""A relay of its own process: what a client sends reaches the server some milliseconds later; answers pass at once.

Run as `python -m benchmarks.delaying_relay <port of the server> <milliseconds>`; prints the port that it listens on.
"""

import asyncio
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from urllib.parse import urlsplit

import uvloop


class _Answers(asyncio.Protocol):
    """The server's end of a connection."""

    def __init__(self, client: asyncio.Transport) -> None:
        self._client = client

    def data_received(self, data: bytes) -> None:
        self._client.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._client.close()


class _Requests(asyncio.Protocol):
    """The client's end of a connection."""

    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._seconds = seconds
        self._on_the_way: deque[bytes] = deque()
        self._client: asyncio.Transport | None = None
        self._server: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's by behaviour, not by inheritance.
        self._client = cast("asyncio.Transport", transport)
        self._client.pause_reading()
        self._connecting = asyncio.get_running_loop().create_task(self._connect(self._client))

    async def _connect(self, client: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        server, _ = await loop.create_connection(lambda: _Answers(client), "127.0.0.1", self._port)
        self._server = server
        client.resume_reading()

    def data_received(self, data: bytes) -> None:
        self._on_the_way.append(data)  # so that pieces which are due at the same moment stay in order
        asyncio.get_running_loop().call_later(self._seconds, self._arrive)

    def _arrive(self) -> None:
        assert self._server
        self._server.write(self._on_the_way.popleft())

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._server:
            asyncio.get_running_loop().call_later(self._seconds, self._server.close)


async def relay(port: int, milliseconds: float) -> None:
    """Serve until the process ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Requests(port, milliseconds / 1000), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def delayed(endpoint: str, milliseconds: float) -> Iterator[str]:
    """Give an endpoint at which each request takes so much longer; without any delay it is the server's own."""
    if not milliseconds:
        yield endpoint
        return
    command = [sys.executable, "-m", "benchmarks.delaying_relay", str(urlsplit(endpoint).port), str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


if __name__ == "__main__":
    uvloop.run(relay(int(sys.argv[1]), float(sys.argv[2])))
