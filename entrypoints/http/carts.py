"""Rows of a shopper's cart."""

from typing import Any

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody

from core.application.carts import AddToCart, ClearCart, RemoveFromCart
from core.ports.views import CartView
from entrypoints.http.bodies import CartItem, StrictRequest
from entrypoints.http.desk import desk_of, id_in_path
from entrypoints.http.documents import SHOPPER, Read, Write, read_refusals, write_refusals
from entrypoints.http.identity import guest_cookie, shopper


@get("/cart", operation_class=Read, security=SHOPPER, responses=read_refusals(401, 403))
async def show_cart(request: StrictRequest) -> Response[CartView]:
    """Show the cart, an empty one where there is none."""
    desk, caller = desk_of(request), shopper(request)
    headers = await desk.fresh(request)
    return Response(desk.queries.cart(caller.user_id), headers=headers, cookies=guest_cookie(request, caller))


@post(
    "/cart/items",
    operation_class=Write,
    security=SHOPPER,
    responses=write_refusals(404),
    status_code=200,
)
async def add_to_cart(request: StrictRequest, data: JSONBody[CartItem]) -> Response[CartView]:
    """Add units of a product at today's price."""
    caller = shopper(request)
    return await desk_of(request).write(request, caller, AddToCart(caller.user_id, data.product_id, data.quantity))


@delete(
    "/cart/items/{product_id:str}",
    operation_class=Write,
    security=SHOPPER,
    responses=write_refusals(404),
    status_code=200,
)
async def remove_from_cart(request: StrictRequest, product_id: FromPath[str]) -> Response[CartView]:
    """Take a line out."""
    caller = shopper(request)
    command = RemoveFromCart(caller.user_id, id_in_path("product id", product_id))
    return await desk_of(request).write(request, caller, command)


@delete("/cart", operation_class=Write, security=SHOPPER, responses=write_refusals(), status_code=200)
async def clear_cart(request: StrictRequest) -> Response[CartView]:
    """Take all lines out."""
    caller = shopper(request)
    return await desk_of(request).write(request, caller, ClearCart(caller.user_id))


ROWS: list[Any] = [show_cart, add_to_cart, remove_from_cart, clear_cart]
