"""Rows for admins: all orders, all stock, the events themselves."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Response, get
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, QueryParameter

from core.ports.views import EventView, InventoryView, OrderView, StateView
from entrypoints.http.bodies import StrictRequest
from entrypoints.http.desk import AfterCursor, Limit, Offset, desk_of
from entrypoints.http.documents import ADMIN, Read, Row, read_refusals
from entrypoints.http.identity import Caller, admin
from entrypoints.http.problems import Problem

AtVersion = Annotated[
    int | None, QueryParameter(name="at_version", ge=1, le=2**53, description="Fold up to this version.")
]
At = Annotated[
    datetime | None, QueryParameter(name="at", description="Fold up to the last event that is not after this.")
]
LONGEST_STREAM = 200


@get("/api/admin/orders", operation_class=Read, security=ADMIN, responses=read_refusals(401, 403))
async def list_all_orders(
    request: StrictRequest, limit: Limit = 100, offset: Offset = 0, after: AfterCursor = None
) -> Response[list[OrderView]]:
    """List everybody's orders, newest first."""
    admin(request)
    desk = desk_of(request)
    page = desk.page(limit, offset, after)
    headers = await desk.fresh(request)
    return desk.listed(request, desk.queries.orders(page), limit, headers, Caller())


@get("/api/admin/inventory", operation_class=Read, security=ADMIN, responses=read_refusals(401, 403))
async def list_inventory(
    request: StrictRequest, limit: Limit = 100, offset: Offset = 0, after: AfterCursor = None
) -> Response[list[InventoryView]]:
    """List the stock of the products, in the order of the products."""
    admin(request)
    desk = desk_of(request)
    page = desk.page(limit, offset, after)
    headers = await desk.fresh(request)
    rows = desk.queries.inventory(page)
    if len(rows) > limit:
        last = desk.queries.product(rows[limit - 1].product_id)
        headers |= desk.next_page(request, (last.created_at, last.id), limit) if last else {}
    return Response(list(rows[:limit]), headers=headers)


@get(
    "/api/admin/events/{aggregate_id:str}", operation_class=Row, security=ADMIN, responses=read_refusals(401, 403, 404)
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
    admin(request)
    desk = desk_of(request)
    if len(aggregate_id) > LONGEST_STREAM:
        raise Problem(400, "bad_id", f"An aggregate id has at most {LONGEST_STREAM} characters.")
    if at is not None and at.tzinfo is None:
        raise Problem(400, "bad_time", "`at` needs an offset from UTC, such as Z.")
    if at is not None or at_version is not None:
        return Response(await sync_to_thread(desk.history.state, aggregate_id, at_version, at))
    behind = desk.opened(after, int) or 0
    events = list(await sync_to_thread(desk.history.events, aggregate_id, behind, limit + 1))
    more = len(events) > limit
    headers = desk.next_page(request, events[limit - 1].version, limit) if more else {}
    return Response(events[:limit], headers=headers)


ROWS: list[Any] = [list_all_orders, list_inventory, show_history]
