"""What HTTP wants of every answer and the framework leaves out."""

from collections.abc import Awaitable, Iterable, Mapping
from typing import Any

import msgspec
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send

from entrypoints.http.problems import OF_THE_FRAMEWORK

Header = tuple[bytes, bytes]

FIRST_REFUSAL = 400
OF_THE_BODY = {b"content-type", b"content-length"}
PREFLIGHT = (
    "preflight_refused",
    "A page of this origin may not send this: see CORS_ALLOWED_ORIGINS, and the API's methods and headers.",
)


class Manners:
    """An ASGI wrapper, because a request that no row takes is answered too.

    HEAD is answered as GET is, without the body (RFC 9110, 9.3.2). `Allow` names all methods of an address. A refusal is JSON. Caches
    are told that an answer may differ by origin, and to keep none that is for a shopper or an admin.
    """

    def __init__(self, app: ASGIApp, methods: Mapping[str, set[str]]) -> None:
        """Wrap this app, whose addresses take these methods."""
        self._app = app
        self._methods = methods

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request; other kinds of connection pass through."""
        if scope["type"] != ScopeType.HTTP:
            return self._app(scope, receive, send)
        asked, instead = scope["method"], None
        if asked == "HEAD":
            scope["method"], instead = "GET", b""

        def send_well(message: Any) -> Awaitable[None]:  # noqa: ANN401 - ASGI's messages have no type in common that can be changed
            nonlocal instead
            if message["type"] == "http.response.start":
                refusal = _refusal(scope, message)
                message["headers"] = self._headers(scope, message["headers"], refusal)
                instead = refusal if instead is None else instead
            elif instead is not None:
                more = message.get("more_body", False)
                message = {"type": "http.response.body", "body": b"" if more else instead, "more_body": more}
            return send(message)

        return self._app(scope, receive, send_well)

    def _headers(self, scope: Scope, told: Iterable[Header], refusal: bytes | None) -> list[Header]:
        headers, names = [], set()
        for name, value in told:
            if refusal is not None and name in OF_THE_BODY:
                continue
            names.add(name)
            headers.append((name, self._allow(scope, value) if name == b"allow" else value))
        if refusal is not None:
            headers += [(b"content-type", b"application/json"), (b"content-length", str(len(refusal)).encode())]
        if b"vary" not in names:
            headers.append((b"vary", b"Origin"))
        # A row that asks who is there says so in the OpenAPI document too.
        if getattr(scope.get("route_handler"), "security", None) or b"set-cookie" in names:
            headers.append((b"cache-control", b"private, no-store"))
        return headers

    def _allow(self, scope: Scope, told: bytes) -> bytes:
        """Name the methods: Litestar's own answer to OPTIONS knows only the row of an address that was registered first."""
        methods = self._methods.get(scope.get("path_template", "")) or set(told.decode().split(", "))
        return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set()))).encode()


def methods_of(app: Litestar) -> dict[str, set[str]]:
    """Give the methods that each address of the app takes, by its template."""
    return {route.path_format: set(route.methods) for route in app.routes if isinstance(route, HTTPRoute)}


def _refusal(scope: Any, start: Any) -> bytes | None:  # noqa: ANN401 - as above; the scope has a key of ours
    """Give the body that a refusal has here, where the framework wrote it in its own way: in HTML, or as plain text."""
    status = start["status"]
    if status < FIRST_REFUSAL or any(name == b"content-type" and b"json" in value for name, value in start["headers"]):
        return None
    preflight = scope["method"] == "OPTIONS"
    code, sentence = PREFLIGHT if preflight else OF_THE_FRAMEWORK.get(status, ("refused", "The request is refused."))
    return msgspec.json.encode({"error": sentence, "code": code, "request_id": scope.get("request_id", "")})
