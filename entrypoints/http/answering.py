"""What an answer carries besides its body, whether the row succeeds or refuses: it is found out on the way to either."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from litestar import Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

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


def answered(request: Connection, body: Body, status: int = 200) -> Response[Body]:
    """Make the good answer."""
    carries = carried(request)
    return Response(body, status_code=status, headers=carries.headers, cookies=carries.cookies)


def joined(request: Connection, name: str) -> str | None:
    """Give a request's header; lines of the same name are one value with commas between (RFC 9110, 5.3)."""
    # Not by request.headers, which takes all of them apart: a read that names no write needs none of them.
    wanted = name.lower().encode()
    lines = [value.decode("latin-1") for line, value in request.scope["headers"] if line == wanted]
    return ", ".join(lines) if lines else None
