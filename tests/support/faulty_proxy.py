"""A proxy between a client of AWS and its server that loses, invents and delays answers on command, and keeps what was asked."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

WRITES = ("PutItem", "TransactWriteItems", "UpdateItem", "DeleteItem")
READS = ("GetItem", "Query", "Scan")

Fault = Callable[["Exchange"], None]
"""What is done with a request instead of answering it as the server does."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came: the service's operation, and its JSON."""

    operation: str
    body: dict[str, Any]


class Exchange:
    """One request on its way: a fault decides what becomes of it."""

    def __init__(self, handler: BaseHTTPRequestHandler, body: bytes, upstream: str) -> None:
        """Keep both ends."""
        self._handler = handler
        self._body = body
        self._upstream = upstream

    def forward(self, instead: bytes | None = None) -> tuple[int, bytes, list[tuple[str, str]]]:
        """Have the server do it, or something else `instead`; give its answer."""
        address = urlsplit(self._upstream)
        # A connection a request: one kept open could be closed by the server at the wrong moment, a fault that nobody ordered.
        connection = HTTPConnection(address.hostname or "", address.port, timeout=60)
        try:
            headers = {
                name: value
                for name, value in self._handler.headers.items()
                if name.lower() not in {"connection", "content-length"}
            }
            body = self._body if instead is None else instead
            connection.request(self._handler.command, self._handler.path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(), response.getheaders()
        finally:
            connection.close()

    def answer(self, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
        """Answer the client."""
        self._handler.send_response_only(status)
        for name, value in headers:
            if name.lower() not in {"connection", "content-length", "date", "server", "transfer-encoding"}:
                self._handler.send_header(name, value)
        self._handler.send_header("Content-Length", str(len(body)))
        self._handler.end_headers()
        self._handler.wfile.write(body)

    def cut(self) -> None:
        """Close the connection to the client."""
        self._handler.close_connection = True

    def hold(self) -> None:
        """Say nothing until the client has given up."""
        self._handler.connection.recv(1)
        self.cut()


def lose_request(exchange: Exchange) -> None:
    """Cut before the server sees it."""
    exchange.cut()


def lose_answer(exchange: Exchange) -> None:
    """Cut after the server has done it."""
    exchange.forward()
    exchange.cut()


def keep_waiting(exchange: Exchange) -> None:
    """Have the server do it, and never answer."""
    exchange.forward()
    exchange.hold()


def say_nothing(exchange: Exchange) -> None:
    """Never answer, and keep it from the server too."""
    exchange.hold()


def after(act: Callable[[], object], fault: Fault) -> Fault:
    """Have something happen before the fault does."""

    def acted(exchange: Exchange) -> None:
        act()
        fault(exchange)

    return acted


def before_the_cut(fault: Fault, act: Callable[[], object]) -> Fault:
    """Have something happen after the fault, before the client sees that its connection is cut."""

    def acted(exchange: Exchange) -> None:
        fault(exchange)  # a connection is closed when all of this is over
        act()

    return acted


def respond(status: int, body: Mapping[str, object]) -> Fault:
    """Answer this as the service would, without asking the server."""

    def responded(exchange: Exchange) -> None:
        headers = [("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-RequestId", "by the test")]
        exchange.answer(status, json.dumps(body).encode(), headers)

    return responded


def show_a_page(exchange: Exchange) -> None:
    """Answer as a web server does that knows nothing of AWS."""
    exchange.answer(200, b"<html>Please log in.</html>", [("Content-Type", "text/html")])


def refuse(error: str, status: int = 400, **more: object) -> Fault:
    """Answer with an error of the service's, without asking the server."""
    return respond(status, {"__type": f"com.amazonaws.dynamodb.v20120810#{error}", "message": "says the test", **more})


class FaultyProxy:
    """Stands on a port of its own before one server."""

    def __init__(self, upstream: str) -> None:
        """Forward everything, for now."""
        self._upstream = upstream
        self._guard = threading.Lock()
        self._faults: list[tuple[tuple[str, ...], Fault]] = []
        self.asked: list[Asked] = []
        self.done: list[Fault] = []
        self.endpoint = ""

    def on(self, operations: tuple[str, ...], *faults: Fault) -> None:
        """Do these with the next requests for one of the operations, one each, instead of what was ordered for them."""
        with self._guard:
            kept = [(ordered, fault) for ordered, fault in self._faults if ordered != operations]
            self._faults = kept + [(operations, fault) for fault in faults]

    def on_writes(self, *faults: Fault) -> None:
        """Do these with the next writes."""
        self.on(WRITES, *faults)

    def on_reads(self, *faults: Fault) -> None:
        """Do these with the next reads."""
        self.on(READS, *faults)

    def operations(self) -> list[str]:
        """Give the names of what was asked, in order."""
        return [asked.operation for asked in self.asked]

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        """Give the JSON of each request of one operation."""
        return [asked.body for asked in self.asked if asked.operation == operation]

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """Deal with one request."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        asked = Asked(handler.headers.get("X-Amz-Target", "").rpartition(".")[2], json.loads(body or b"{}"))
        exchange = Exchange(handler, body, self._upstream)
        fault = self._next_fault(asked)
        if self.taken(exchange, asked):
            return
        if fault is None:
            status, answer, headers = exchange.forward()
            exchange.answer(status, self.passed_on(asked, answer) if status == HTTPStatus.OK else answer, headers)
        else:
            fault(exchange)

    def taken(self, exchange: Exchange, asked: Asked) -> bool:
        """Deal with a request in another way than passing it on, and tell whether that was done; a proxy that does says so here."""
        del exchange, asked
        return False

    def passed_on(self, asked: Asked, answer: bytes) -> bytes:
        """Give what a client hears when the server has answered this; a proxy that changes something says so here."""
        del asked
        return answer

    def _next_fault(self, asked: Asked) -> Fault | None:
        with self._guard:
            self.asked.append(asked)
            for number, (operations, fault) in enumerate(self._faults):
                if asked.operation in operations:
                    del self._faults[number]
                    self.done.append(fault)
                    return fault
        return None


@contextmanager
def faulty_proxy(upstream: str) -> Iterator[FaultyProxy]:
    """Run a proxy before `upstream` while inside."""
    proxy = FaultyProxy(upstream)
    with served(proxy):
        yield proxy


@contextmanager
def served(proxy: FaultyProxy) -> Iterator[None]:
    """Run this proxy while inside."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # an answer leaves in one piece

        def do_POST(self) -> None:
            """Deal with a request."""
            proxy.handle(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="faulty proxy", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
