"""Rows for admins: all orders, all stock, the events themselves."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Response, get
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, QueryParameter

from core.application.history import History
from core.ports.events import Undecodable
from core.ports.mail_queue import MailStatus
from core.ports.queries import ProductRow, QueriesUnavailable
from core.ports.views import EventView, InventoryView, MailView, OrderView, StateView
from entrypoints.http.answering import answered
from entrypoints.http.asking import asked
from entrypoints.http.bodies import StrictRequest
from entrypoints.http.desk import Desk, desk_of
from entrypoints.http.documents import ADMIN, Read, Row, read_refusals
from entrypoints.http.identity import admins
from entrypoints.http.paging import (
    AfterCursor,
    Limit,
    Offset,
    link_to_next,
    listed,
    opened,
    page_of,
    read_plainly,
)
from entrypoints.http.problems import Problem

AtVersion = Annotated[
    int | None, QueryParameter(name="at_version", ge=1, le=2**53, description="Fold up to this version.")
]
At = Annotated[
    str | None,
    QueryParameter(name="at", format="date-time", description="Fold up to the last event that is not after this."),
]
OF_STATUS = QueryParameter(name="status", description="Only mails of this status.")
LONGEST_STREAM = 200
LOOKS = 10
"""At a page whose last product is deleted while we look."""


@get(
    "/api/admin/orders",
    before_request=admins,
    operation_class=Read,
    security=ADMIN,
    responses=read_refusals(401, 403),
)
async def list_all_orders(
    request: StrictRequest, limit: Limit = 100, offset: Offset = 0, after: AfterCursor = None
) -> Response[list[OrderView]]:
    """List everybody's orders, newest first."""
    desk = desk_of(request)
    page = page_of(request, limit, offset, after)
    await desk.fresh(request)
    return listed(request, await asked(desk.queries, lambda queries: queries.orders(page)), limit)


@get(
    "/api/admin/inventory",
    before_request=admins,
    operation_class=Read,
    security=ADMIN,
    responses=read_refusals(401, 403),
)
async def list_inventory(
    request: StrictRequest, limit: Limit = 100, offset: Offset = 0, after: AfterCursor = None
) -> Response[list[InventoryView]]:
    """List the stock of the products, in the order of the products."""
    desk = desk_of(request)
    page = page_of(request, limit, offset, after)
    await desk.fresh(request)
    for _ in range(LOOKS):
        rows = await asked(desk.queries, lambda queries: queries.inventory(page))
        if len(rows) <= limit:
            return answered(request, list(rows))
        if last := await _product(desk, rows[limit - 1].product_id):
            link_to_next(request, (last.view.created_at, last.view.id), limit)
            return answered(request, list(rows[:limit]))
        # It was deleted since the page was read. A page without a link would be the end of the list, so it is read again.
    raise QueriesUnavailable("the products of the page are deleted as fast as it is read")


@get(
    "/api/admin/events/{aggregate_id:str}",
    before_request=admins,
    operation_class=Row,
    security=ADMIN,
    responses=read_refusals(401, 403, 404),
)
async def show_history(
    request: StrictRequest,
    aggregate_id: FromPath[str],
    limit: Limit = 100,
    after: AfterCursor = None,
    at_version: AtVersion = None,
    at: At = None,
) -> Response[list[EventView] | StateView]:
    """List the events of one aggregate by version, or show its state as it was at a version or a time."""
    history = desk_of(request).history
    if len(aggregate_id) > LONGEST_STREAM:
        raise Problem(400, "bad_id", f"An aggregate id has at most {LONGEST_STREAM} characters.")
    read_plainly(request, "limit", "after", "at_version", "at")
    if at is not None or at_version is not None:
        if at is not None and at_version is not None:
            raise Problem(400, "invalid_request", "Ask for the state at a version or at a time, not both.")
        time = None if at is None else _time(history, at)
        return answered(request, await sync_to_thread(history.state, aggregate_id, at_version, time))
    behind = opened(request, after, int) or 0
    events = list(await sync_to_thread(history.events, aggregate_id, behind, limit + 1))
    if len(events) > limit:
        link_to_next(request, events[limit - 1].version, limit)
    return answered(request, events[:limit])


@get("/api/admin/mails", before_request=admins, operation_class=Row, security=ADMIN, responses=read_refusals(401, 403))
async def list_mails(
    request: StrictRequest, limit: Limit = 100, status: Annotated[MailStatus | None, OF_STATUS] = None
) -> Response[list[MailView]]:
    """List the mails about orders, newest first: what became of each, and what it said where it was caught instead of sent."""
    read_plainly(request, "limit", "status")
    return answered(request, list(await sync_to_thread(desk_of(request).post.mails, limit, status)))


async def _product(desk: Desk, product_id: str) -> ProductRow | None:
    return await asked(desk.queries, lambda queries: queries.product(product_id))


def _time(history: History, text: str) -> datetime:
    try:
        return history.time(text)
    except Undecodable:
        example = "such as 2026-01-02T03:04:05Z; in an address + is written %2B"
        raise Problem(400, "bad_time", f"`at` must be an RFC 3339 time with an offset from UTC, {example}.") from None


ROWS: list[Any] = [list_all_orders, list_inventory, show_history, list_mails]
