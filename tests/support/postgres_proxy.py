"""A proxy between a PostgreSQL client and its server that cuts connections on command, before or after the server has done a statement."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

Statement = Callable[[str], bool]
"""Tells by its text whether a statement is meant."""


class Cut(Exception):
    """The connection ends here."""


class PostgresProxy:
    """Stands on a port of its own before one server."""

    def __init__(self, url: str) -> None:
        """Forward everything, for now."""
        self._parts = conninfo_to_dict(url)
        self._guard = threading.Lock()
        self._faults: list[tuple[bool, Callable[[], object]]] = []
        self._meant: Statement = lambda _statement: False
        self.lost = 0
        self.asked: list[str] = []
        self.url = url

    def cut(self, meant: Statement, *meanwhile: Callable[[], object], answered: bool) -> None:
        """Cut the connections of the next statements of this kind, before or after the server did it and then something happened."""
        with self._guard:
            self._meant = meant
            self._faults = [(answered, act) for act in meanwhile]

    def serve(self, client: socket.socket) -> None:
        """Pass one connection's messages on, in both directions, until either side or a fault ends it."""
        with client, self._connect() as server, suppress(OSError, Cut):
            answers = _Answers(server, client)
            self._pass_startup(client, server)
            back = threading.Thread(target=answers.copy, daemon=True)
            back.start()
            try:
                self._pass_messages(client, server, answers)
            finally:
                for end in (client, server):
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                back.join()

    def _connect(self) -> socket.socket:
        host, port = str(self._parts.get("host")), int(self._parts.get("port") or 5432)
        if host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(Path(host) / f".s.PGSQL.{port}"))
            return server
        return socket.create_connection((host, port))

    def _pass_startup(self, client: socket.socket, server: socket.socket) -> None:
        length = _exactly(client, 4)
        server.sendall(length + _exactly(client, struct.unpack("!I", length)[0] - 4))

    def _pass_messages(self, client: socket.socket, server: socket.socket, answers: "_Answers") -> None:
        prepared: dict[bytes, str] = {}
        while True:
            kind, length = _exactly(client, 1), _exactly(client, 4)
            body = _exactly(client, struct.unpack("!I", length)[0] - 4)
            fault = None
            if kind == b"P":  # Parse: the statement's name, and its text
                name, text = body.split(b"\0")[:2]
                prepared[name] = text.decode()
            elif kind == b"B":  # Bind: a portal's name, and the statement's
                fault = self._fault(prepared[body.split(b"\0")[1]])
            elif kind == b"Q":  # a statement without parameters
                fault = self._fault(body.rstrip(b"\0").decode())
            if fault:
                answered, meanwhile = fault
                if not answered:
                    meanwhile()
                    raise Cut
                answers.keep(meanwhile)
            server.sendall(kind + length + body)

    def _fault(self, statement: str) -> tuple[bool, Callable[[], object]] | None:
        with self._guard:
            self.asked.append(" ".join(statement.split()))
            if not self._faults or not self._meant(statement):
                return None
            self.lost += 1
            return self._faults.pop(0)


class _Answers:
    """What the server says on one connection; once told to, the end of the statement is waited for and then everything ends."""

    def __init__(self, server: socket.socket, client: socket.socket) -> None:
        self._server = server
        self._client = client
        self._kept: Callable[[], object] | None = None

    def keep(self, meanwhile: Callable[[], object]) -> None:
        """Let the client hear nothing more; `meanwhile` happens when the statement is done."""
        self._kept = meanwhile

    def copy(self) -> None:
        """Pass on message by message."""
        with suppress(OSError, Cut):
            while True:
                head = _exactly(self._server, 5)
                kept = self._kept
                body = _exactly(self._server, struct.unpack("!I", head[1:])[0] - 4)
                if not kept:
                    self._client.sendall(head + body)
                elif head[:1] == b"Z":  # ready for the next: what came before is done
                    kept()
                    break
        for end in (self._client, self._server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _exactly(end: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = end.recv(min(size, 1 << 16))
        if not part:
            raise Cut
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


@contextmanager
def postgres_proxy(url: str) -> Iterator[PostgresProxy]:
    """Run a proxy before the server of `url` while inside."""
    proxy = PostgresProxy(url)
    listener = socket.create_server(("127.0.0.1", 0))
    # Encrypted, no message could be told from another.
    proxy.url = make_conninfo(
        url, host="127.0.0.1", port=listener.getsockname()[1], sslmode="disable", gssencmode="disable"
    )

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=proxy.serve, args=(client,), name="postgres proxy", daemon=True).start()

    accepting = threading.Thread(target=accept, name="postgres proxy", daemon=True)
    accepting.start()
    try:
        yield proxy
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
