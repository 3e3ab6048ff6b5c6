"""A proxy before DynamoDB and Kinesis: it cuts answers, holds a shard back, and carries change records as badly as AWS says it may."""

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from entrypoints.comparison.faults import Faults
from entrypoints.comparison.real.job import PROJECTORS
from entrypoints.comparison.real.journal import Journal

HOST = "127.0.0.1"

WRITES = frozenset({"TransactWriteItems", "PutItem", "UpdateItem"})
"""Requests whose answers may come late, or never."""

LATE = 1.0
"""Longest time, in seconds, that an answer is held up; the shop's clients give up before it, now and then."""

HELD = 3.0
"""Longest time, in seconds, that a record is held back, or until it comes again."""

NOT_PASSED_ON = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})


class _Held(NamedTuple):
    due: float
    headers: Mapping[str, str]
    key: str
    data: str


class AwsProxy:
    """Stands on a port of its own before `upstream`. While `throttled`, no record can be read."""

    def __init__(self, upstream: str, stream: str, faults: Faults, journal: Journal) -> None:
        """Pass on what goes to and comes from it; `stream` is where records come from."""
        self.endpoint = ""
        self.throttled = False
        self._upstream = urlsplit(upstream)
        self._stream = stream
        self._faults = faults
        self._journal = journal
        self._guard = threading.Lock()
        self._passes: dict[tuple[str, str], bool] = {}
        self._held: list[_Held] = []

    def quiet(self) -> None:
        """Do no harm any more, and give out what is held back."""
        with self._guard:
            self._faults.on = False
            self.throttled = False
            self._held = [each._replace(due=0.0) for each in self._held]
        self.give_out()

    def give_out(self) -> None:
        """Put what is due into the stream again, at its end."""
        now = time.monotonic()
        with self._guard:
            due = [each for each in self._held if each.due <= now]
            self._held = [each for each in self._held if each.due > now]
        while due:
            each = due[-1]
            try:
                self._put(each)
            except (OSError, HTTPException):
                with self._guard:
                    self._held += due
                raise
            due.pop()

    def _put(self, held: _Held) -> None:
        body = {"StreamName": self._stream, "PartitionKey": held.key, "Data": held.data}
        headers = {**held.headers, "X-Amz-Target": "Kinesis_20131202.PutRecord"}
        status, answer, _ = self._forward("POST", "/", json.dumps(body).encode(), headers)
        if status != HTTPStatus.OK:
            raise OSError(f"the stream does not take a record again: {answer!r}")

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """Deal with one request."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        operation = handler.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if operation == "GetRecords" and self.throttled:
            refusal = {"__type": "ProvisionedThroughputExceededException", "message": "Rate exceeded for shard"}
            _answer(handler, 400, json.dumps(refusal).encode(), [("x-amzn-RequestId", "throttled")])
            return
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in {"connection", "host"}}
        status, answer, told = self._forward(handler.command, handler.path, body, headers)
        if operation in WRITES and self._strikes("ack.late"):
            late = self._faults.part("ack.late")
            time.sleep(late * LATE)
            if late > 0.5:  # noqa: PLR2004 - half of them never come
                handler.close_connection = True
                return
        if operation == "GetRecords" and status == HTTPStatus.OK:
            page = json.loads(answer)
            page["Records"] = [each for each in page["Records"] if self._is_passed_on(each, headers)]
            answer = json.dumps(page).encode()
        _answer(handler, status, answer, told)

    def _forward(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes, list[tuple[str, str]]]:
        connection = HTTPConnection(self._upstream.hostname or HOST, self._upstream.port, timeout=60)
        try:
            kept = {name: value for name, value in headers.items() if name.lower() != "content-length"}
            connection.request(method, path, body, kept)
            response = connection.getresponse()
            return response.status, response.read(), response.getheaders()
        finally:
            connection.close()

    def _strikes(self, name: str) -> bool:
        with self._guard:
            struck = self._faults.strikes(name)
        if struck:
            self._journal.note("fired", name)
        return struck

    def _is_passed_on(self, record: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
        """Tell whether readers get this record; what was once said of it is said to the next reader too."""
        change = json.loads(base64.b64decode(record["Data"]))
        if change.get("eventName") != "INSERT":
            return True
        place = (record["SequenceNumber"], change["eventID"])
        with self._guard:
            known = self._passes.get(place)
        if known is None:
            known = self._passes[place] = self._decide(record, change["dynamodb"]["NewImage"], headers)
        return known

    def _decide(self, record: Mapping[str, Any], image: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
        if self._strikes("record.oversized"):
            stream, version, event_id = image["aggregate_id"]["S"], int(image["version"]["N"]), image["id"]["S"]
            for projector in PROJECTORS:
                self._journal.note("excused", projector, stream, version, event_id)
            return False
        for name in ("feed.reorder", "feed.duplicate"):
            if self._strikes(name):
                self._hold(record, headers, self._faults.part(name) * HELD)
                return name == "feed.duplicate"
        return True

    def _hold(self, record: Mapping[str, Any], headers: Mapping[str, str], seconds: float) -> None:
        with self._guard:
            due = time.monotonic() + seconds
            self._held.append(_Held(due, headers, record["PartitionKey"], record["Data"]))


def _answer(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
    handler.send_response_only(status)
    for name, value in headers:
        if name.lower() not in NOT_PASSED_ON:
            handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def aws_proxy(upstream: str, stream: str, faults: Faults, journal: Journal) -> Iterator[AwsProxy]:
    """Run one while inside."""
    proxy = AwsProxy(upstream, stream, faults, journal)
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # an answer leaves in one piece

        def do_POST(self) -> None:
            """Deal with a request; a killed client takes its connection with it."""
            try:
                proxy.handle(self)
            except (OSError, HTTPException):
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
            """Keep quiet."""

        def handle(self) -> None:
            """Serve one connection, whose other end may be killed at any time."""
            with suppress(OSError):
                super().handle()

    def look_after() -> None:
        while not ended.wait(0.1):
            with suppress(OSError, HTTPException):
                proxy.give_out()

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    proxy.endpoint = f"http://{HOST}:{server.server_port}"
    threads = [
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True),
        threading.Thread(target=look_after, daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield proxy
    finally:
        ended.set()
        server.shutdown()
        for thread in threads:
            thread.join()
        server.server_close()
