"""A relay in a process of its own: what a client sends reaches the server some milliseconds later; answers pass at once.

Run as `python -m benchmarks.delaying_relay <port of the server> <milliseconds>`; prints the port that it listens on.
"""

import asyncio
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import uvloop

PIECE = 65_536
"""Bytes."""


async def relay(port: int, seconds: float) -> None:
    """Serve until the process ends."""
    loop = asyncio.get_running_loop()

    async def passed_on(client_reader: StreamReader, client: StreamWriter) -> None:
        server_reader, server = await asyncio.open_connection("127.0.0.1", port)
        answers = loop.create_task(_copied(server_reader, client))
        while piece := await client_reader.read(PIECE):
            loop.call_later(seconds, server.write, piece)
        loop.call_later(seconds, server.close)
        await answers

    server = await asyncio.start_server(passed_on, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _copied(reader: StreamReader, writer: StreamWriter) -> None:
    while piece := await reader.read(PIECE):
        writer.write(piece)
    writer.close()


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
    uvloop.run(relay(int(sys.argv[1]), float(sys.argv[2]) / 1000))
