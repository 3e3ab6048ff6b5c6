"""Around every request: its id, its figures, one log line."""

import re
from collections.abc import Awaitable, Iterable
from time import perf_counter
from typing import Any

import uuid_utils
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram

from entrypoints.http.access_log import AccessLog

REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")

METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}
"""Those that are counted by name: a client may make names up, and each would be kept for ever."""


class Telemetry:
    """An ASGI wrapper, because a request that no row takes is counted and logged too."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry, access_log: AccessLog | None) -> None:
        """Wrap this app, count into this registry, and log there."""
        self._app = app
        self._access_log = access_log
        labels = ("method", "route", "status")
        self._requests = Counter("ecshop_http_requests", "Requests answered.", labels, registry=registry)
        self._seconds = Histogram(
            "ecshop_http_request_seconds", "From request to answer.", ("route",), registry=registry
        )
        self._children: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other kinds of connection pass through."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        request_id = _request_id(scope["headers"])
        scope["request_id"] = request_id  # type: ignore[typeddict-unknown-key] # a key of ours
        method, path, status = (
            scope["method"],
            scope["path"],
            500,
        )  # what the client asked; the app may change its scope

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
            self._count(method, scope.get("path_template") or "none", status, seconds)
            if self._access_log:
                self._access_log.tell(request_id, method, path, status, seconds)

    def _count(self, method: str, route: str, status: int, seconds: float) -> None:
        if method not in METHODS:
            method = "other"
        children = self._children.get((method, route, status))
        if children is None:
            children = self._requests.labels(method, route, str(status)), self._seconds.labels(route)
            self._children[method, route, status] = children
        children[0].inc()
        children[1].observe(seconds)


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return value.decode()
    return str(uuid_utils.uuid4())
