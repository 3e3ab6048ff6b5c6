"""Rows of orders."""

from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from core.application.orders import CancelOrder, PayOrder, PlaceOrder, ShipOrder
from core.domain.order import OrderNotFound, OrderNotYours
from core.ports.views import Message, OrderView
from entrypoints.http.answering import answered
from entrypoints.http.asking import asked
from entrypoints.http.bodies import Cancellation, Nothing, Placement, StrictRequest
from entrypoints.http.desk import desk_of, id_in_path
from entrypoints.http.documents import ADMIN, OWNER_OR_ADMIN, SHOPPER, Read, Write, read_refusals, write_refusals
from entrypoints.http.identity import admins, caller_of, owners_and_admins, shoppers
from entrypoints.http.paging import AfterCursor, Limit, Offset, listed, page_of


@post("/orders", before_request=shoppers, operation_class=Write, security=SHOPPER, responses=write_refusals())
async def place_order(request: StrictRequest, data: JSONBody[Placement]) -> Response[OrderView]:
    """Order everything in the cart: the order, its stock and the empty cart are one commit."""
    command = PlaceOrder(str(uuid4()), caller_of(request).user_id)
    return await desk_of(request).write(request, command, 201, email=data.email, locale=data.locale)


@get("/orders", before_request=shoppers, operation_class=Read, security=SHOPPER, responses=read_refusals(401, 403))
async def list_orders(
    request: StrictRequest, limit: Limit = 100, offset: Offset = 0, after: AfterCursor = None
) -> Response[list[OrderView]]:
    """List the shopper's orders, newest first."""
    desk = desk_of(request)
    page = page_of(request, limit, offset, after)
    await desk.fresh(request)
    user_id = caller_of(request).user_id
    return listed(request, await asked(desk.queries, lambda queries: queries.orders(page, user_id)), limit)


@get(
    "/orders/{order_id:str}",
    before_request=owners_and_admins,
    operation_class=Read,
    security=OWNER_OR_ADMIN,
    responses=read_refusals(401, 403, 404),
)
async def show_order(request: StrictRequest, order_id: FromPath[str]) -> Response[OrderView]:
    """Show an order to its owner or an admin."""
    desk = desk_of(request)
    order_id = id_in_path("order id", order_id)
    await desk.fresh(request)
    order = await asked(desk.queries, lambda queries: queries.order(order_id))
    if order is None:
        raise OrderNotFound(f"There is no order {order_id}.", order_id=order_id)
    if caller_of(request).owner not in {None, order.user_id}:
        raise OrderNotYours(f"Order {order_id} belongs to another shopper.", order_id=order_id)
    return answered(request, order)


@post(
    "/orders/{order_id:str}/cancel",
    before_request=owners_and_admins,
    operation_class=Write,
    security=OWNER_OR_ADMIN,
    responses=write_refusals(404),
    status_code=200,
)
async def cancel_order(
    request: StrictRequest, order_id: FromPath[str], data: JSONBody[Cancellation]
) -> Response[Message]:
    """Call an order off and free its stock."""
    command = CancelOrder(id_in_path("order id", order_id), caller_of(request).owner, data.reason)
    return await desk_of(request).write(request, command)


@post(
    "/orders/{order_id:str}/pay",
    before_request=owners_and_admins,
    operation_class=Write,
    security=OWNER_OR_ADMIN,
    responses=write_refusals(404),
    status_code=200,
)
async def pay_order(request: StrictRequest, order_id: FromPath[str], data: JSONBody[Nothing]) -> Response[Message]:  # noqa: ARG001
    """Take the payment."""
    command = PayOrder(id_in_path("order id", order_id), caller_of(request).owner)
    return await desk_of(request).write(request, command)


@post(
    "/orders/{order_id:str}/ship",
    before_request=admins,
    operation_class=Write,
    security=ADMIN,
    responses=write_refusals(404),
    status_code=200,
)
async def ship_order(request: StrictRequest, order_id: FromPath[str], data: JSONBody[Nothing]) -> Response[Message]:  # noqa: ARG001
    """Send a paid order."""
    return await desk_of(request).write(request, ShipOrder(id_in_path("order id", order_id)))


ROWS: list[Any] = [place_order, list_orders, show_order, cancel_order, pay_order, ship_order]
