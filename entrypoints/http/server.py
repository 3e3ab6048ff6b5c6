"""Granian in this very process: the in-memory shop cannot be shared by two."""

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvloop
from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor

BACKLOG = 1024
WORKER_THREADS = 64
"""Commands at work at the same time; those on one hot stream queue in them."""

LONGEST_DRAIN = 7.0
"""Seconds that requests in flight have to be answered in when the process is told to stop."""


class PortTaken(Exception):
    """Nobody can listen on the port; the text is a sentence."""


class _Embedded(Server):
    """Granian's own embedded server on a socket that is bound already, so that a taken port is told before anything starts."""

    def __init__(self, listening: socket.socket, app: Litestar) -> None:
        self._listening = listening
        host, port = listening.getsockname()[:2]
        super().__init__(
            app,
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            log_enabled=False,
            websockets=False,
            http1_settings=HTTP1Settings(header_read_timeout=5000),
        )

    def _init_shared_socket(self) -> None:
        # granian's own stubs lack the three arguments that its own servers pass here.
        self._ssp: Any = None
        self._shd: Any = SocketHolder(self._listening.fileno(), False, BACKLOG)  # type: ignore[call-arg] # noqa: FBT003


def serve(app: Litestar, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then answer what is in flight and return; `ready` is told the address.

    Raises:
        PortTaken: the port cannot be listened on.
    """
    try:
        listening = socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        setting = "PORT" if error.errno in {errno.EADDRINUSE, errno.EACCES} else "HOST"
        # Python puts the address into the system's words; the sentence has it already.
        reason = str(error.strerror or error).partition(" (while")[0]
        raise PortTaken(f"Port {port} on {host} cannot be listened on: {reason}. Set {setting} to another.") from None
    listening.settimeout(0)
    set_asyncio_executor(ThreadPoolExecutor(WORKER_THREADS, thread_name_prefix="http"))
    uvloop.run(_serve(_Embedded(listening, app), listening, ready))


async def _serve(server: Server, listening: socket.socket, ready: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    host, port = listening.getsockname()[:2]
    ready(f"http://{'localhost' if host == '127.0.0.1' else host}:{port}")
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.stop()  # type: ignore[no-untyped-call]
    done, _ = await asyncio.wait({serving}, timeout=LONGEST_DRAIN)
    if not done:
        # A client that began a request and never ends it would hold the process for ever.
        sys.stderr.write("Gave up on clients that never finished their requests; all others are answered.\n")
        sys.stderr.flush()
        os._exit(0)
    stopping.cancel()
    serving.result()
