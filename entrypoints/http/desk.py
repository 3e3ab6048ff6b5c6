"""What every row does alike: run a command and answer it, wait for a write, cut a page."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.params import QueryParameter

from config.settings import Settings
from core.application.commands import Commands
from core.application.executor import Context, Once
from core.application.history import History
from core.ports.queries import After, Page, Queries
from core.ports.views import OrderView, ProductView
from entrypoints.http.bodies import StrictRequest, uuid_text
from entrypoints.http.consistency import CatchUp, seconds_of
from entrypoints.http.identity import Caller, guest_cookie
from entrypoints.http.problems import Problem
from entrypoints.http.tokens import BadToken, Signer, consistency_token, positions_of

Listed = TypeVar("Listed", ProductView, OrderView)

LONGEST_KEY = 128

Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=1000, description="Rows of a page.")]
Offset = Annotated[int, QueryParameter(name="offset", ge=0, le=2**31, description="Rows to leave out first.")]
AfterCursor = Annotated[
    str | None, QueryParameter(name="after", description="The cursor in the page before's Link header.")
]


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that rows work with; one for the app, in its state."""

    settings: Settings
    commands: Commands
    queries: Queries
    history: History
    catch_up: CatchUp
    signer: Signer

    async def write(self, request: StrictRequest, caller: Caller, command: object, status: int = 200) -> Response[Any]:
        """Run a command in a worker thread and answer as soon as it is committed, with the token of what it wrote.

        Raises what `Executor.run` raises, and `Problem` for a bad Idempotency-Key.
        """
        request_id = str(request.scope.get("request_id", ""))
        once = await _once(request, caller)
        context = Context(caller.actor, request_id, request_id, _locale(request), once)
        answer = await sync_to_thread(self.commands.run, command, context)
        headers = {"X-Consistency-Token": consistency_token(self.signer, answer.positions)}
        return Response(answer.result, status_code=status, headers=headers, cookies=guest_cookie(request, caller))

    async def fresh(self, request: StrictRequest) -> dict[str, str]:
        """Wait for the writes that the read names; give the headers that say how that ended."""
        header = request.headers.get("X-Consistency-Token")
        if header is None:
            return {}
        try:
            positions = positions_of(self.signer, header)
        except BadToken as error:
            raise Problem(400, "bad_token", f"X-Consistency-Token is not one of this shop's: {error}.") from None
        outcome = await self.catch_up.wait(positions, seconds_of(request.headers.get("Prefer")))
        return {"X-Consistency": outcome} if outcome else {}

    def page(self, limit: int, offset: int, after: str | None) -> Page:
        """Cut a page, one row longer than asked so that it shows whether there is a next one."""
        cursor = self.opened(after, tuple[str, str])
        return Page(limit + 1, offset, After(*cursor) if cursor else None)

    def opened(self, after: str | None, kind: Any) -> Any:  # noqa: ANN401 - gives a value of `kind`, or None
        """Read an `after` cursor.

        Raises:
            Problem: it is none of this shop's, or of another list.
        """
        try:
            return None if after is None else self.signer.open("after", after, kind)
        except BadToken as error:
            raise Problem(400, "bad_cursor", f"`after` is not a cursor of this list: {error}.") from None

    def listed(
        self, request: StrictRequest, rows: Sequence[Listed], limit: int, headers: dict[str, str], caller: Caller
    ) -> Response[list[Listed]]:
        """Answer a page of views, with the Link to the next one where there is one."""
        shown = list(rows[:limit])
        if len(rows) > limit:
            headers = headers | self.next_page(request, (shown[-1].created_at, shown[-1].id), limit)
        return Response(shown, headers=headers, cookies=guest_cookie(request, caller))

    def next_page(self, request: StrictRequest, last: object, limit: int) -> dict[str, str]:
        """Give the Link header to the page behind the row `last`."""
        query = urlencode({"limit": limit, "after": self.signer.sign("after", last)})
        return {"Link": f'<{request.url.path}?{query}>; rel="next"'}


def desk_of(request: StrictRequest) -> Desk:
    """Give the app's desk."""
    desk: Desk = request.app.state.desk
    return desk


def id_in_path(name: str, text: str) -> str:
    """Read a UUID of the path.

    Raises:
        Problem: it is none.
    """
    try:
        return uuid_text(text)
    except ValueError as error:
        raise Problem(400, "bad_id", f"The {name} {error}.") from None


async def _once(request: StrictRequest, caller: Caller) -> Once | None:
    """Name a claim by (caller, method, path, key); hashed, because a claim's name has bounds that a path has not."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Problem(400, "bad_idempotency_key", f"Idempotency-Key must be 1 to {LONGEST_KEY} characters long.")
    name = f"{caller.actor} for {caller.user_id}\n{request.method}\n{request.url.path}\n{key}"
    claim = f"idempotency-{hashlib.sha256(name.encode()).hexdigest()}"
    return Once(claim, hashlib.sha256(await request.body()).hexdigest())


def _locale(request: StrictRequest) -> str:
    """Give the first language of Accept-Language: English, or else Japanese."""
    return "en" if request.headers.get("Accept-Language", "").lower().startswith("en") else "ja"
