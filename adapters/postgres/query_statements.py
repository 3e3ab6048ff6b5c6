"""The statements of the queries: SQLAlchemy Core, compiled once to text that psycopg runs. Each names its columns.

With `SELECT *`, a swap of the views to other columns would break every statement that is prepared.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    Select,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.sql.elements import ColumnElement

from adapters.postgres.read_schema import PUBLIC, created, read_tables
from adapters.postgres.read_tables import CARTS, INVENTORY, ORDERS, PRODUCTS, ReadTable
from adapters.postgres.schema import parked_streams, projection_cursors, projection_generations

_VIEWS = read_tables(PUBLIC).tables
_DIALECT = psycopg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy does not say


def _view(table: ReadTable) -> Table:
    return _VIEWS[f"{PUBLIC}.{table.name}"]


_products, _carts, _orders, _inventory = map(_view, (PRODUCTS, CARTS, ORDERS, INVENTORY))
_streams = any_(bindparam("streams", type_=ARRAY(Text)))
_on_sale = and_(~_products.c.deleted, _products.c.created_at.is_not(None))
# Stock is joined when it is read: two streams own the two rows, and neither waits for the other.
_stock = _products.outerjoin(_inventory, _inventory.c.stream == literal_column("'inventory-'") + _products.c.product_id)


def _columns(table: ReadTable) -> list[ColumnElement[Any]]:
    """Give what makes a state of the table's kind, in the order that it takes it."""
    view = _view(table)
    return [cast(view.c[name], Text) if kind == "jsonb" else view.c[name] for name, kind in table.columns.items()]


def _text(query: Select[Any]) -> bytes:
    return str(query.compile(dialect=_DIALECT)).encode()


def _paged(query: Select[Any], table: Table, key: ColumnElement[Any], *, behind: bool) -> Select[Any]:
    """Cut a page out, newest first; what was never created is older than all."""
    if behind:
        after = tuple_(
            cast(bindparam("after_time", type_=Text), DateTime(timezone=True)), bindparam("after_id", type_=Text)
        )
        query = query.where(tuple_(created(table), key) < after)
    limit, offset = bindparam("limit", type_=Integer), bindparam("offset", type_=Integer)
    return query.order_by(created(table).desc(), key.desc()).limit(limit).offset(offset)


_stocked = select(_products.c.version, *_columns(PRODUCTS), _inventory.c.version, *_columns(INVENTORY)).select_from(
    _stock
)
"""A product's version and columns, then those of its inventory, which may all be NULL."""


@cache
def products(*, behind: bool) -> bytes:
    """List products on sale."""
    return _text(_paged(_stocked.where(_on_sale), _products, _products.c.product_id, behind=behind))


@cache
def products_by_stream() -> bytes:
    """Give products by stream, deleted ones too."""
    return _text(_stocked.where(_products.c.stream == _streams))


@cache
def carts() -> bytes:
    """Give carts by stream."""
    return _text(select(*_columns(CARTS)).where(_carts.c.stream == _streams))


@cache
def orders_by_stream() -> bytes:
    """Give orders by stream."""
    return _text(select(*_columns(ORDERS)).where(_orders.c.stream == _streams))


@cache
def orders(*, behind: bool, of_one: bool) -> bytes:
    """List the orders of one shopper, or of all."""
    query = select(*_columns(ORDERS))
    if of_one:
        query = query.where(_orders.c.user_id == bindparam("user_id", type_=Text))
    return _text(_paged(query, _orders, _orders.c.order_id, behind=behind))


@cache
def progress() -> bytes:
    """Give version and whether it is parked, for each stream that the live generation has a cursor of."""
    live, cursor, parked = projection_generations.c, projection_cursors.c, parked_streams.c
    of_the_live_one = and_(cursor.projector == live.projector, cursor.generation == live.number)
    where_parked = and_(
        parked.projector == cursor.projector, parked.generation == cursor.generation, parked.stream == cursor.stream
    )
    return _text(
        select(cursor.stream, cursor.version, parked.stream.is_not(None))
        .select_from(
            projection_generations.join(projection_cursors, of_the_live_one).outerjoin(parked_streams, where_parked)
        )
        .where(
            live.projector == bindparam("projector", type_=Text),
            live.status == literal_column("'live'"),
            cursor.stream == _streams,
        )
    )
