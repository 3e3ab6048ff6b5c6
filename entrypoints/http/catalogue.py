"""Rows of products and their stock."""

from typing import Any
from uuid import uuid4

from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from core.application.products import AddStock, ChangeProductImage, CreateProduct, DeleteProduct, UpdateProduct
from core.domain.product import ProductNotFound
from core.ports.views import Message, ProductView
from entrypoints.http.answering import answered, carried
from entrypoints.http.asking import asked
from entrypoints.http.bodies import MoreStock, NewImage, NewProduct, Nothing, ProductChange, StrictRequest
from entrypoints.http.desk import desk_of, id_in_path
from entrypoints.http.documents import (
    ADMIN,
    NOT_MODIFIED,
    ConditionalWrite,
    Read,
    TaggedRead,
    Write,
    read_refusals,
    write_refusals,
)
from entrypoints.http.identity import admins, anybody
from entrypoints.http.paging import AfterCursor, Limit, Offset, listed, page_of
from entrypoints.http.preconditions import etag_of, expected_versions, has_it


@get("/products", before_request=anybody, operation_class=Read, responses=read_refusals(401))
async def list_products(
    request: StrictRequest, limit: Limit = 100, offset: Offset = 0, after: AfterCursor = None
) -> Response[list[ProductView]]:
    """List the products, newest first; sold-out ones stay, with stock 0."""
    desk = desk_of(request)
    page = page_of(request, limit, offset, after)
    await desk.fresh(request)
    return listed(request, await asked(desk.queries, lambda queries: queries.products(page)), limit)


@get(
    "/products/{product_id:str}",
    before_request=anybody,
    operation_class=TaggedRead,
    responses=NOT_MODIFIED | read_refusals(401, 404),
)
async def show_product(request: StrictRequest, product_id: FromPath[str]) -> Response[ProductView | None]:
    """Show a product."""
    desk = desk_of(request)
    product_id = id_in_path("product id", product_id)
    await desk.fresh(request)
    row = await asked(desk.queries, lambda queries: queries.product(product_id))
    if row is None:
        raise ProductNotFound(f"There is no product {product_id}.", product_id=product_id)
    etag = etag_of(row)
    # A cache may keep it, and asks each time whether its copy is still the one.
    carried(request).headers.update({"ETag": etag, "Cache-Control": "no-cache"})
    return answered(request, None, 304) if has_it(request, etag) else answered(request, row.view)


@post("/products", before_request=admins, operation_class=Write, security=ADMIN, responses=write_refusals())
async def create_product(request: StrictRequest, data: JSONBody[NewProduct]) -> Response[ProductView]:
    """Bring a product into the catalogue."""
    command = CreateProduct(str(uuid4()), data.name, data.description, data.price, data.stock)
    return await desk_of(request).write(request, command, 201)


@put(
    "/products/{product_id:str}",
    before_request=admins,
    operation_class=ConditionalWrite,
    security=ADMIN,
    responses=write_refusals(404, 412),
)
async def update_product(
    request: StrictRequest, product_id: FromPath[str], data: JSONBody[ProductChange]
) -> Response[Message]:
    """Change a product's name, description and price."""
    product_id = id_in_path("product id", product_id)
    command = UpdateProduct(product_id, data.name, data.description, data.price, expected_versions(request))
    return await desk_of(request).write(request, command)


@delete(
    "/products/{product_id:str}",
    before_request=admins,
    operation_class=ConditionalWrite,
    security=ADMIN,
    responses=write_refusals(404, 412),
    status_code=200,
)
async def delete_product(
    request: StrictRequest,
    product_id: FromPath[str],
    data: JSONBody[Nothing],  # noqa: ARG001 - refuses fields
) -> Response[Message]:
    """Take a product out of the catalogue; lines in carts stay and cannot be ordered."""
    command = DeleteProduct(id_in_path("product id", product_id), expected_versions(request))
    return await desk_of(request).write(request, command)


@put(
    "/products/{product_id:str}/image",
    before_request=admins,
    operation_class=ConditionalWrite,
    security=ADMIN,
    responses=write_refusals(404, 412),
)
async def change_product_image(
    request: StrictRequest, product_id: FromPath[str], data: JSONBody[NewImage]
) -> Response[Message]:
    """Show another picture of a product."""
    command = ChangeProductImage(id_in_path("product id", product_id), data.image_url, expected_versions(request))
    return await desk_of(request).write(request, command)


@post(
    "/products/{product_id:str}/stock",
    before_request=admins,
    operation_class=Write,
    security=ADMIN,
    responses=write_refusals(404),
    status_code=200,
)
async def add_stock(request: StrictRequest, product_id: FromPath[str], data: JSONBody[MoreStock]) -> Response[Message]:
    """Take units in."""
    command = AddStock(id_in_path("product id", product_id), data.quantity)
    return await desk_of(request).write(request, command)


ROWS: list[Any] = [
    list_products,
    show_product,
    create_product,
    update_product,
    delete_product,
    change_product_image,
    add_stock,
]
