"""Who is asking: an admin by token, a shopper by guest id."""

import hmac
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from litestar import Request
from litestar.datastructures import Cookie

from config.settings import Settings
from entrypoints.http.bodies import UUID, uuid_text
from entrypoints.http.problems import Problem

AnyRequest = Request[Any, Any, Any]
COOKIE = "guest_id"
A_YEAR = 365 * 24 * 3600
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Caller:
    """`user_id` is `guest-<uuid>`, empty for an admin without one. `new_guest` is the id that the answer's cookie sets."""

    user_id: str = ""
    admin: bool = False
    new_guest: str = ""

    @property
    def actor(self) -> str:
        """The name under which events are written."""
        return "admin" if self.admin else self.user_id

    @property
    def owner(self) -> str | None:
        """Whose orders the caller may touch; None is everybody's."""
        return None if self.admin else self.user_id


def admin(request: AnyRequest) -> Caller:
    """Let an admin in.

    Raises:
        Problem: 401 without the token or with a wrong one, 403 where no token is set.
    """
    if _has_admin_token(request):
        return Caller(admin=True)
    if _settings(request).admin_token is None:
        raise Problem(403, "admin_closed", "The admin rows are closed: ADMIN_TOKEN is not set.")
    raise _unauthorized("Send Authorization: Bearer <ADMIN_TOKEN>.")


def shopper(request: AnyRequest) -> Caller:
    """Let a shopper in: by header, else by cookie, else as a new guest.

    Raises:
        Problem: 400 for a bad id, 401 for a wrong token or where guests are off, 403 for a token alone or a foreign page's write.
    """
    is_admin = _has_admin_token(request)
    if not _settings(request).guests:
        raise _unauthorized("Guests are switched off in this shop.")
    if (header := request.headers.get("X-User-ID")) is not None:
        return Caller(f"guest-{_guest_id(header)}", admin=is_admin)
    if request.method not in SAFE_METHODS:
        _refuse_foreign_pages(request)
    cookie = request.cookies.get(COOKIE, "")
    if UUID.fullmatch(cookie):
        return Caller(f"guest-{cookie.lower()}", admin=is_admin)
    if is_admin:
        raise Problem(403, "no_shopper", "The admin token names no shopper; send X-User-ID with a UUID as well.")
    new = str(uuid4())
    return Caller(f"guest-{new}", new_guest=new)


def owner_or_admin(request: AnyRequest) -> Caller:
    """Let an admin in, else a shopper."""
    return Caller(admin=True) if _has_admin_token(request) else shopper(request)


def guest_cookie(request: AnyRequest, caller: Caller) -> list[Cookie]:
    """Give the cookie that the first answer sets."""
    if not caller.new_guest:
        return []
    secure = request.url.scheme == "https"
    return [
        Cookie(
            key=COOKIE,
            value=caller.new_guest,
            path="/",
            httponly=True,
            samesite="strict",
            secure=secure,
            max_age=A_YEAR,
        )
    ]


def _settings(request: AnyRequest) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _unauthorized(sentence: str) -> Problem:
    return Problem(401, "unauthorized", sentence, {"WWW-Authenticate": "Bearer"})


def _has_admin_token(request: AnyRequest) -> bool:
    """Tell whether the admin token came along; a wrong token is refused, whatever else came."""
    header = request.headers.get("Authorization")
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


def _refuse_foreign_pages(request: AnyRequest) -> None:
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
