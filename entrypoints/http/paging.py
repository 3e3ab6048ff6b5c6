"""Lists in pages: what a page is asked by, and the link to the next one."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from litestar import Response
from litestar.params import QueryParameter

from core.ports.queries import After, Page
from core.ports.views import OrderView, ProductView
from entrypoints.http.answering import answered, carried
from entrypoints.http.bodies import StrictRequest
from entrypoints.http.complaints import WHOLE
from entrypoints.http.identity import caller_of
from entrypoints.http.problems import Problem
from entrypoints.http.tokens import BadToken, Signer

Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=1000, description="Rows of a page.")]
Offset = Annotated[int, QueryParameter(name="offset", ge=0, le=2**31, description="Rows to leave out first.")]
AfterCursor = Annotated[
    str | None, QueryParameter(name="after", description="The cursor in the page before's Link header.")
]
NUMBERS = {"limit", "offset", "at_version"}
DIGITS = re.compile(r"[0-9]+")

Listed = TypeVar("Listed", ProductView, OrderView)


def read_plainly(request: StrictRequest, *names: str) -> None:
    """Hold parameters to what is meant: each stands once, and a number is digits. The framework takes 1.0, and the last of two.

    Raises:
        Problem: 400, naming the parameters.
    """
    wrong = {}
    for name in names:
        values = request.query_params.getall(name, [])
        if len(values) > 1:
            wrong[name] = "stands twice"
        elif values and name in NUMBERS and not DIGITS.fullmatch(values[0]):
            wrong[name] = WHOLE
    if wrong:
        raise Problem.of_fields(wrong)


def page_of(request: StrictRequest, limit: int, offset: int, after: str | None) -> Page:
    """Cut a page, one row longer than asked so that it shows whether there is a next one.

    Raises:
        Problem: 400 for a parameter that is not meant so, or a cursor that is none of this list's.
    """
    read_plainly(request, "limit", "offset", "after")
    cursor = opened(request, after, tuple[str, str])
    return Page(limit + 1, offset, After(*cursor) if cursor else None)


def opened(request: StrictRequest, after: str | None, kind: Any) -> Any:  # noqa: ANN401 - gives a value of `kind`, or None
    """Read an `after` cursor.

    Raises:
        Problem: it is none of this shop's, or of another list.
    """
    try:
        return None if after is None else _signer(request).open(_list_of(request), after, kind)
    except BadToken as error:
        raise Problem(400, "bad_cursor", f"`after` is not a cursor of this list: {error}.") from None


def listed(request: StrictRequest, rows: Sequence[Listed], limit: int) -> Response[list[Listed]]:
    """Answer a page of views, with the Link to the next one where there is one."""
    shown = list(rows[:limit])
    if len(rows) > limit:
        link_to_next(request, (shown[-1].created_at, shown[-1].id), limit)
    return answered(request, shown)


def link_to_next(request: StrictRequest, last: object, limit: int) -> None:
    """Have the answer carry the Link to the page behind the row `last`."""
    query = urlencode({"limit": limit, "after": _signer(request).sign(_list_of(request), last)})
    carried(request).headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'


def _list_of(request: StrictRequest) -> str:
    """Name the list that is asked for: its row, the ids in its address, and whose it is."""
    ids = "\n".join(request.path_params.values()).lower()
    return f"after\n{request.scope['path_template']}\n{ids}\n{caller_of(request).user_id}"


def _signer(request: StrictRequest) -> Signer:
    signer: Signer = request.app.state.signer
    return signer
