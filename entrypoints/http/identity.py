"""Who is asking: an admin by token, a shopper by guest id. A row asks before the request is read, so nobody's body is who may not come in.

Not by the framework's guards: it copies the row for each of them, a tenth of a read's time. And asynchronous, though nothing here
waits: it hands a plain function to a thread, which costs more than a read.
"""

import hmac
from dataclasses import dataclass
from uuid import uuid4

from litestar.datastructures import Cookie

from config.settings import Settings
from entrypoints.http.answering import Connection, carried, joined
from entrypoints.http.bodies import UUID, uuid_text
from entrypoints.http.problems import Problem

COOKIE = "guest_id"
A_YEAR = 365 * 24 * 3600
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Caller:
    """`user_id` is `guest-<uuid>`, empty for an admin without one."""

    user_id: str = ""
    admin: bool = False

    @property
    def actor(self) -> str:
        """The name under which events are written."""
        return "admin" if self.admin else self.user_id

    @property
    def owner(self) -> str | None:
        """Whose orders the caller may touch; None is everybody's."""
        return None if self.admin else self.user_id


ANYBODY = Caller()


async def anybody(request: Connection) -> None:
    """Let everybody in but who presents a token that is not valid: who holds one believes to be somebody.

    Raises:
        Problem: 401 for a wrong token.
    """
    _has_admin_token(request)


async def admins(request: Connection) -> None:
    """Let admins in.

    Raises:
        Problem: 401 without the token or with a wrong one, 403 where no token is set.
    """
    if not _has_admin_token(request):
        if _settings(request).admin_token is None:
            raise Problem(403, "admin_closed", "The admin rows are closed: ADMIN_TOKEN is not set.")
        raise _unauthorized("Send Authorization: Bearer <ADMIN_TOKEN>.")
    _let_in(request, Caller(admin=True))


async def shoppers(request: Connection) -> None:
    """Let shoppers in: by header, else by cookie, else as a new guest, whose answer carries the cookie.

    Raises:
        Problem: 400 for a bad id, 401 for a wrong token or where guests are off, 403 for a token alone or a foreign page's write.
    """
    is_admin = _has_admin_token(request)
    if not _settings(request).guests:
        raise _unauthorized("Guests are switched off in this shop.")
    if (header := joined(request, "X-User-ID")) is not None:
        _let_in(request, Caller(f"guest-{_guest_id(header)}", admin=is_admin))
        return
    if request.scope["method"] not in SAFE_METHODS:  # type: ignore[typeddict-item] # a row is HTTP
        _refuse_foreign_pages(request)
    cookie = request.cookies.get(COOKIE, "")
    if UUID.fullmatch(cookie):
        _let_in(request, Caller(f"guest-{cookie.lower()}", admin=is_admin))
        return
    if is_admin:
        raise Problem(403, "no_shopper", "The admin token names no shopper; send X-User-ID with a UUID as well.")
    new_guest = str(uuid4())
    _let_in(request, Caller(f"guest-{new_guest}"))
    carried(request).cookies.append(_guest_cookie(request, new_guest))


async def owners_and_admins(request: Connection) -> None:
    """Let admins in, else shoppers; which of them an order belongs to is the row's own question."""
    if _has_admin_token(request):
        _let_in(request, Caller(admin=True))
    else:
        await shoppers(request)


def caller_of(request: Connection) -> Caller:
    """Give who was let in; on a row that does not ask it may be anybody."""
    caller: Caller = request.scope.get("caller", ANYBODY)  # type: ignore[assignment] # a key of ours
    return caller


def _let_in(request: Connection, caller: Caller) -> None:
    request.scope["caller"] = caller  # type: ignore[typeddict-unknown-key] # a key of ours


def _guest_cookie(request: Connection, guest_id: str) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=guest_id,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        max_age=A_YEAR,
    )


def _settings(request: Connection) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _unauthorized(sentence: str) -> Problem:
    return Problem(401, "unauthorized", sentence, {"WWW-Authenticate": "Bearer"})


def _has_admin_token(request: Connection) -> bool:
    """Tell whether the admin token came along; a wrong token is refused, whatever else came."""
    header = joined(request, "Authorization")
    if header is None:
        return False
    scheme, _, token = header.partition(" ")
    expected = _settings(request).admin_token
    if scheme.lower() != "bearer" or not expected:
        raise _unauthorized("The token is not valid.")
    if not hmac.compare_digest(token.strip().encode(), expected.get_secret_value().encode()):
        raise _unauthorized("The token is not valid.")
    return True


def _guest_id(header: str) -> str:
    try:
        return uuid_text(header)
    except ValueError as error:
        raise Problem(400, "bad_user_id", f"X-User-ID {error}.") from None


def _refuse_foreign_pages(request: Connection) -> None:
    """Judge a write that the browser's cookie identifies, or would: pages elsewhere must not write in a shopper's name."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site in {"same-origin", "none"} or (site is None and origin is None):
        return
    own = request.headers.get("Host", "")
    if origin and (origin in _settings(request).cors_allowed_origins or origin.partition("://")[2] == own):
        return
    raise Problem(
        403, "foreign_origin", "Pages of another origin may not write in a shopper's name; see CORS_ALLOWED_ORIGINS."
    )
