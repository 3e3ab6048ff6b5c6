"""The read tables as SQLAlchemy Core metadata: a generation's schema is made from it, and queries are written with it.

They are never migrated. Other columns are other folds' business: a new generation is built with them, and takes the old one's place.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    MetaData,
    Table,
    Text,
    func,
    literal_column,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import CreateIndex, CreateSchema, CreateTable
from sqlalchemy.sql.elements import ColumnElement

PUBLIC = "public"
"""The schema of the views that show the live generation."""

# Rows change again and again: room beside a row keeps its new version on the same page, and the indexes as they are.
UPDATED_IN_PLACE = {"fillfactor": 70}


def _name(column: str) -> Column[str]:
    # "C" compares bytes: as Python sorts names, the same on every server.
    return Column(column, Text(collation="C"), nullable=False)


def _text(column: str) -> Column[str]:
    return Column(column, Text, nullable=False)


def _number(column: str) -> Column[int]:
    return Column(column, BigInteger, nullable=False)


def _times() -> tuple[Column[object], Column[object]]:
    # Nothing where the event that says it has not come: any history is accepted.
    return Column("created_at", DateTime(timezone=True)), Column("updated_at", DateTime(timezone=True))


def _rows(name: str, metadata: MetaData, *columns: Column[Any]) -> Table:
    """Give a table of rows owned by one stream each, at the version that they are the state of."""
    stream = Column("stream", Text(collation="C"), primary_key=True)
    return Table(name, metadata, stream, _number("version"), *columns, postgresql_with=UPDATED_IN_PLACE)


def created(table: Table) -> ColumnElement[object]:
    """Give what lists are sorted by: when a row's thing came to be; what has no such time is older than all."""
    return func.coalesce(table.c.created_at, literal_column("'-infinity'::timestamptz"))


def read_tables(schema: str) -> MetaData:
    """Give the tables of a generation's schema; or of `public`, as whom its views appear."""
    metadata = MetaData(schema=schema)
    products = _rows(
        "read_products",
        metadata,
        _name("product_id"),
        _text("name"),
        _text("description"),
        _number("price"),
        _text("image_url"),
        Column("category_ids", ARRAY(Text), nullable=False),
        Column("deleted", Boolean, nullable=False),
        *_times(),
    )
    Index("products_newest_first", created(products), products.c.product_id, postgresql_where=~products.c.deleted)
    _rows("read_carts", metadata, _name("cart_id"), _name("user_id"), Column("items", JSONB, nullable=False))
    orders = _rows(
        "read_orders",
        metadata,
        _name("order_id"),
        _name("user_id"),
        Column("items", JSONB, nullable=False),
        _number("total"),
        _text("status"),
        *_times(),
    )
    Index("orders_newest_first", created(orders), orders.c.order_id)
    Index("orders_of_a_shopper", orders.c.user_id, created(orders), orders.c.order_id)
    _rows("read_inventory", metadata, _name("product_id"), _number("total"), _number("reserved"))
    return metadata


def creation(schema: str) -> list[str]:
    """Give the statements that make a generation's schema with its empty tables."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy does not say
    made: list[CreateSchema | CreateTable | CreateIndex] = [CreateSchema(schema)]
    for table in read_tables(schema).sorted_tables:
        made += [
            CreateTable(table),
            *(CreateIndex(index) for index in sorted(table.indexes, key=lambda index: str(index.name))),
        ]
    return [str(each.compile(dialect=dialect)) for each in made]


def replacement(schema: str) -> list[str]:
    """Give the statements that have the views show another schema."""
    statements = []
    for table in read_tables(schema).sorted_tables:
        columns = ", ".join(column.name for column in table.columns)
        # Not CREATE OR REPLACE: the new one may have other columns.
        statements += [
            f"DROP VIEW IF EXISTS {PUBLIC}.{table.name}",
            f"CREATE VIEW {PUBLIC}.{table.name} AS SELECT {columns} FROM {table.fullname}",
        ]
    return statements


def removal(schema: str) -> list[str]:
    """Give the statements that drop a schema; without CASCADE, so that they fail where a view still shows it."""
    tables = [f"DROP TABLE IF EXISTS {table.fullname}" for table in read_tables(schema).sorted_tables]
    return [*tables, f"DROP SCHEMA IF EXISTS {schema}"]
