"""A proxy before PostgreSQL that holds answers up, or cuts the connection when the server has done what it was asked."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

from entrypoints.comparison.faults import Faults
from entrypoints.comparison.real.journal import Journal

HOST = "127.0.0.1"

LATE = 1.0
"""Longest time, in seconds, that an answer is held up."""

GREETINGS = 4
"""Answers at the start of a connection that are passed on: a client that cannot connect at all is another fault."""

CHUNK = 65_536


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False


@contextmanager
def postgres_proxy(folder: Path, faults: Faults, journal: Journal) -> Iterator[str]:
    """Run one while inside, before the server whose socket is in `folder`; give the URL that leads through it."""
    guard = threading.Lock()

    def late() -> float:
        """Tell how late the next answer is, from 0 to 1."""
        with guard:
            if not faults.strikes("ack.late"):
                return 0.0
            journal.note("fired", "ack.late")
            return faults.part("ack.late")

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            """Pass one connection on, until either side or a fault ends it."""
            client: socket.socket = self.request
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with suppress(OSError), socket.socket(socket.AF_UNIX) as server:
                server.connect(str(folder / ".s.PGSQL.5432"))
                back = threading.Thread(target=_answers, args=(server, client, late), daemon=True)
                back.start()
                with suppress(OSError):
                    while asked := client.recv(CHUNK):
                        server.sendall(asked)
                _end(server)
                back.join()

    with _Server((HOST, 0), Handler) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            port = proxy.server_address[1]
            yield f"postgresql://postgres@{HOST}:{port}/postgres?sslmode=disable&gssencmode=disable"
        finally:
            proxy.shutdown()
            thread.join()


def _answers(server: socket.socket, client: socket.socket, late: Callable[[], float]) -> None:
    passed = 0
    with suppress(OSError):
        while answer := server.recv(CHUNK):
            passed += 1
            how = late() if passed > GREETINGS else 0.0
            time.sleep(how * LATE)
            if how > 0.5:  # noqa: PLR2004 - half of them never come
                break
            client.sendall(answer)
    _end(client)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
