"""CORS for those whom it is for."""

from collections.abc import Awaitable

from litestar.middleware import AbstractMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send


class Crossing:
    """An ASGI wrapper: only what a page elsewhere asks goes through CORS, which takes all headers apart, a twentieth of a row's time."""

    def __init__(self, cors: ASGIApp) -> None:
        """Stand before the framework's own CORS and the app behind it."""
        if not isinstance(cors, AbstractMiddleware):
            raise TypeError("the app is not wrapped in CORS")
        self._cors = cors
        self._app = cors.app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request."""
        crosses = any(name == b"origin" for name, _ in scope["headers"])
        return (self._cors if crosses else self._app)(scope, receive, send)
