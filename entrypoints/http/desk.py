"""What rows do alike: run a command and answer it, wait for a write, read an id."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from litestar import Response
from litestar.concurrency import sync_to_thread

from config.settings import Settings
from core.application.commands import Commands
from core.application.executor import Context
from core.application.history import History
from core.application.idempotency import Once
from core.application.post import Post
from core.ports.queries import Queries
from entrypoints.http.answering import answered, carried, joined
from entrypoints.http.bodies import StrictRequest, uuid_text
from entrypoints.http.consistency import CatchUp, seconds_of
from entrypoints.http.identity import Caller, caller_of
from entrypoints.http.problems import Problem
from entrypoints.http.tokens import BadToken, Signer, consistency_token, positions_of

KEY = re.compile(r"[ -~]{1,128}")


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that rows work with; one for the app, in its state."""

    settings: Settings
    commands: Commands
    queries: Queries
    history: History
    post: Post
    catch_up: CatchUp
    signer: Signer

    async def write(
        self, request: StrictRequest, command: object, status: int = 200, *, email: str = "", locale: str = ""
    ) -> Response[Any]:
        """Run a command in a worker thread and answer as soon as it is committed, with the token of what it wrote.

        `email` and `locale` are where and how a guest wants to hear of it; without a locale, as the browser says.

        Raises what `Executor.run` raises, and `Problem` for a bad Idempotency-Key.
        """
        caller = caller_of(request)
        request_id = str(request.scope.get("request_id", ""))
        once = await _once(request, caller)
        context = Context(caller.actor, request_id, request_id, locale or _locale(request), once, email)
        answer = await sync_to_thread(self.commands.run, command, context)
        carried(request).headers["X-Consistency-Token"] = consistency_token(self.signer, answer.positions)
        return answered(request, answer.result, status)

    async def fresh(self, request: StrictRequest) -> None:
        """Wait for the writes that the read names; the answer says how that ended, a refusal too: what is late looks like lost."""
        header = joined(request, "X-Consistency-Token")
        if header is None:
            return
        try:
            positions = positions_of(self.signer, header)
        except BadToken as error:
            raise Problem(400, "bad_token", f"X-Consistency-Token is not one of this shop's: {error}.") from None
        if outcome := await self.catch_up.wait(positions, seconds_of(joined(request, "Prefer"))):
            carried(request).headers["X-Consistency"] = outcome


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
    keys = set(request.headers.getall("Idempotency-Key", []))
    if not keys:
        return None
    key = keys.pop()
    if keys or not KEY.fullmatch(key):
        raise Problem(400, "bad_idempotency_key", "Send one Idempotency-Key, of 1 to 128 printable ASCII characters.")
    # The row and its ids, not the address as it was written: a UUID may come in either case.
    path = [str(request.scope["path_template"]), *(each.lower() for each in request.path_params.values())]
    name = "\n".join([f"{caller.actor} for {caller.user_id}", request.method, *path, key])
    claim = f"idempotency-{hashlib.sha256(name.encode()).hexdigest()}"
    return Once(claim, hashlib.sha256(await request.body()).hexdigest())


def _locale(request: StrictRequest) -> str:
    """Give the first language of Accept-Language: English, or else Japanese."""
    return "en" if request.headers.get("Accept-Language", "").lower().startswith("en") else "ja"
