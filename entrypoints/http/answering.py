"""What an answer carries besides its body, whether the row succeeds or refuses: it is found out on the way to either."""

from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import msgspec
from litestar import Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.types import Receive, Scope, Send

NOT_MODIFIED = 304

_encode = msgspec.json.Encoder().encode

Connection = ASGIConnection[Any, Any, Any, Any]
Body = TypeVar("Body")


@dataclass(slots=True)
class Carried:
    """Headers and cookies of an answer that is not made yet."""

    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[Cookie] = field(default_factory=list)


def carried(request: Connection) -> Carried:
    """Give what the answer to this request carries so far; whoever finds out more adds it."""
    found: Carried | None = request.scope.get("carried")  # type: ignore[assignment] # a key of ours
    if found is None:
        found = request.scope["carried"] = Carried()  # type: ignore[typeddict-unknown-key]
    return found


class Answer(Response[Body]):
    """A good answer in JSON, which goes out by itself: what the framework has instead looks again at all headers, a seventh of a read."""

    def __init__(self, body: Body, status: int, carries: Carried) -> None:
        """Answer this; a 304 has no body (RFC 9110, 15.4.5)."""
        super().__init__(body, status_code=status)
        self._carries = carries

    def to_asgi_response(self, *_app_and_request: object, **_defaults: object) -> Self:  # type: ignore[override] # it is only called
        """Give what is called with the connection."""
        return self

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        status = self.status_code or 200
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in self._carries.headers.items()]
        body = b""
        if status != NOT_MODIFIED:
            body = _encode(self.content)
            headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        headers += [cookie.to_encoded_header() for cookie in self._carries.cookies]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def answered(request: Connection, body: Body, status: int = 200) -> Response[Body]:
    """Make the good answer."""
    return Answer(body, status, carried(request))


def joined(request: Connection, name: str) -> str | None:
    """Give a request's header; lines of the same name are one value with commas between (RFC 9110, 5.3)."""
    # Not by request.headers, which takes all of them apart: a read that names no write needs none of them.
    wanted = name.lower().encode()
    lines = [value.decode("latin-1") for line, value in request.scope["headers"] if line == wanted]
    return ", ".join(lines) if lines else None
