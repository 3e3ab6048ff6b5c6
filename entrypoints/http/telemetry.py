"""Around every request: its id, its figures, one log line."""

import re
from collections.abc import Awaitable, Iterable
from time import perf_counter

import uuid_utils
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from entrypoints.http.access_log import AccessLog
from entrypoints.http.request_figures import RequestFigures

REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")


class Telemetry:
    """An ASGI wrapper, because a request that no row takes is counted and logged too."""

    def __init__(self, app: ASGIApp, figures: RequestFigures, access_log: AccessLog | None) -> None:
        """Wrap this app, count here, and log there."""
        self._app = app
        self._figures = figures
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other kinds of connection pass through."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        request_id = _request_id(scope["headers"])
        scope["request_id"] = request_id  # type: ignore[typeddict-unknown-key] # a key of ours
        # What the client asked: the app may change its scope.
        method, path, status = scope["method"], scope["path"], 500

        def send_with_id(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            return send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            seconds = perf_counter() - began
            self._figures.count(method, scope.get("path_template") or "none", status, seconds)
            if self._access_log:
                self._access_log.tell(request_id, method, path, status, seconds)


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return value.decode()
    return str(uuid_utils.uuid4())
