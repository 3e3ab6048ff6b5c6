"""Granian in this very process: the in-memory shop cannot be shared by two."""

import asyncio
import errno
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvloop
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor

BACKLOG = 1024
"""Connections that the system keeps for us until we take them."""

CONNECTIONS = 4096
"""Connections that are open at the same time; a later one waits in the backlog until one of them ends."""

OWN_FILES = 128
"""Files that the process keeps for itself, of those that the system lets it open."""

WORKER_THREADS = 64
"""Commands at work at the same time; those on one hot stream queue in them."""

LONGEST_HEAD = 5000
"""Milliseconds that a connection may take to its first byte or the next, until the head of its request is there."""

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
            # Granian takes this many connections and no more, whatever they do; it would be the backlog of 128 that it has unless told.
            backpressure=_most_connections(),
            # Not "auto": to tell HTTP/2 from HTTP/1 it waits for the first bytes without any limit, and so keeps silent connections.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=LONGEST_HEAD),
        )

    def _init_shared_socket(self) -> None:
        # granian's own stubs lack the three arguments that its own servers pass here.
        self._ssp: Any = None
        # A copy, as granian closes what it is given, and so does who gave us the socket.
        self._shd: Any = SocketHolder(os.dup(self._listening.fileno()), False, BACKLOG)  # type: ignore[call-arg] # noqa: FBT003


def _most_connections() -> int:
    """Keep below the files that the system allows: granian tries a connection that finds none again at once, and again."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CONNECTIONS if files == resource.RLIM_INFINITY else max(1, min(CONNECTIONS, files - OWN_FILES))


def listen(host: str, port: int) -> socket.socket:
    """Take the port; connections wait in it until `serve` answers them.

    Raises:
        PortTaken: the port cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        setting = "PORT" if error.errno in {errno.EADDRINUSE, errno.EACCES} else "HOST"
        # Python puts the address into the system's words; the sentence has it already.
        reason = str(error.strerror or error).partition(" (while")[0]
        raise PortTaken(f"Port {port} on {host} cannot be listened on: {reason}. Set {setting} to another.") from None
    listening.settimeout(0)
    return listening


def serve(
    app: Litestar,
    listening: socket.socket,
    ready: Callable[[str], None],
    stopping: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT, then answer what is in flight and return.

    `ready` is told the address; `stopping` is called on the event loop first of all when the end has come.
    """
    set_asyncio_executor(ThreadPoolExecutor(WORKER_THREADS, thread_name_prefix="http"))
    uvloop.run(_serve(_Embedded(listening, app), listening, ready, stopping))


async def _serve(
    server: Server, listening: socket.socket, ready: Callable[[str], None], stopping: Callable[[], None]
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    serving = asyncio.create_task(server.serve())
    stopped = asyncio.create_task(stop.wait())
    ready(_address(listening))
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopping()
    server.stop()  # type: ignore[no-untyped-call]
    done, _ = await asyncio.wait({serving}, timeout=LONGEST_DRAIN)
    if not done:
        # A client that began a request and never ends it would hold the process for ever.
        sys.stderr.write(f"Gave up on requests that were not at their end after {LONGEST_DRAIN:.0f} seconds.\n")
        sys.stderr.flush()
        os._exit(0)
    stopped.cancel()
    serving.result()


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    name = "localhost" if host == "127.0.0.1" else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"
