"""Rows of a shopper's cart."""

from typing import Any

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody

from core.application.carts import AddToCart, ClearCart, RemoveFromCart
from core.ports.views import CartView
from entrypoints.http.answering import answered
from entrypoints.http.asking import asked
from entrypoints.http.bodies import CartItem, Nothing, StrictRequest
from entrypoints.http.desk import desk_of, id_in_path
from entrypoints.http.documents import SHOPPER, Read, Write, read_refusals, write_refusals
from entrypoints.http.identity import caller_of, shoppers


@get("/cart", before_request=shoppers, operation_class=Read, security=SHOPPER, responses=read_refusals(401, 403))
async def show_cart(request: StrictRequest) -> Response[CartView]:
    """Show the cart, an empty one where there is none."""
    desk = desk_of(request)
    await desk.fresh(request)
    user_id = caller_of(request).user_id
    return answered(request, await asked(desk.queries, lambda queries: queries.cart(user_id)))


@post(
    "/cart/items",
    before_request=shoppers,
    operation_class=Write,
    security=SHOPPER,
    responses=write_refusals(404),
    status_code=200,
)
async def add_to_cart(request: StrictRequest, data: JSONBody[CartItem]) -> Response[CartView]:
    """Add units of a product at today's price."""
    command = AddToCart(caller_of(request).user_id, data.product_id, data.quantity)
    return await desk_of(request).write(request, command)


@delete(
    "/cart/items/{product_id:str}",
    before_request=shoppers,
    operation_class=Write,
    security=SHOPPER,
    responses=write_refusals(404),
    status_code=200,
)
async def remove_from_cart(
    request: StrictRequest,
    product_id: FromPath[str],
    data: JSONBody[Nothing],  # noqa: ARG001 - refuses fields
) -> Response[CartView]:
    """Take a line out."""
    command = RemoveFromCart(caller_of(request).user_id, id_in_path("product id", product_id))
    return await desk_of(request).write(request, command)


@delete(
    "/cart",
    before_request=shoppers,
    operation_class=Write,
    security=SHOPPER,
    responses=write_refusals(),
    status_code=200,
)
async def clear_cart(request: StrictRequest, data: JSONBody[Nothing]) -> Response[CartView]:  # noqa: ARG001 - refuses fields
    """Take all lines out."""
    return await desk_of(request).write(request, ClearCart(caller_of(request).user_id))


ROWS: list[Any] = [show_cart, add_to_cart, remove_from_cart, clear_cart]
