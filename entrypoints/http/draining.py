"""A refusal that the client gets to see: what is left of its body is read before the answer."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from entrypoints.http.problems import TOO_SLOW

MOST = 8 * 1024 * 1024
"""Bytes that are read of a body that is refused; a client that sends more finds its connection cut."""

PATIENCE = 5.0
"""Seconds that a client has to send them."""

FIRST_REFUSAL = 400


class Draining:
    """An ASGI wrapper. A server that answers and closes on unread bytes resets the connection, often before the client reads why."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap this app."""
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request; other kinds of connection pass through."""
        if scope["type"] != ScopeType.HTTP:
            return self._app(scope, receive, send)
        unread = True

        async def watched() -> Any:  # noqa: ANN401 - what the server gave is what the app gets
            nonlocal unread
            message = await receive()
            unread = bool(message.get("more_body", False))
            return message

        async def read_and_send(refusal: Message) -> None:
            try:
                async with asyncio.timeout(PATIENCE):
                    left = MOST
                    while unread and left > 0:
                        chunk = await watched()
                        left -= max(len(chunk.get("body", b"")), 1)
            except TimeoutError:
                pass
            await send(refusal)

        def send_when_read(message: Message) -> Awaitable[None]:
            refused = message["type"] == "http.response.start" and FIRST_REFUSAL <= message["status"] != TOO_SLOW
            return read_and_send(message) if refused else send(message)

        return self._app(scope, watched, send_when_read)
