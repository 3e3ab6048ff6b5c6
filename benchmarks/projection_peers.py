"""What the projector is measured against: one transaction an event, as an older projector did, and COPY, the fastest way in there is."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.types.json import Json

from adapters.postgres.read_tables import READ_TABLES
from adapters.serialization.codec import JsonCodec
from core.domain.aggregate import Aggregate
from core.domain.cart import CartCleared, ItemAddedToCart
from core.domain.inventory import StockAdded, StockDeducted, StockReserved
from core.domain.order import OrderPaid, OrderPlaced, OrderShipped
from core.domain.product import ProductCreated
from core.ports.event_feed import Doorbell
from core.projections.rows import RowFold

CODEC = JsonCodec()


class EventByEvent:
    """Statements written by hand for each event type, each event in a transaction of its own; no cursor, so a repeat counts twice."""

    def __init__(self, connection: Connection[Any]) -> None:
        """Write to the first generation's tables."""
        self._connection = connection

    def handle(self, doorbells: Sequence[Doorbell]) -> None:
        """Apply them, one by one."""
        for doorbell in doorbells:
            assert doorbell.event
            event = CODEC.decode_event(doorbell.event)
            with self._connection.transaction():
                self._apply(doorbell, event)

    def _apply(self, at: Doorbell, event: object) -> None:
        do = self._connection.execute
        match event:
            case ProductCreated():
                do(
                    "INSERT INTO read_1.read_products VALUES (%s, %s, %s, %s, %s, %s, '', '{}', false, %s, %s)"
                    " ON CONFLICT (stream) DO NOTHING",
                    [at.stream, at.version, event.product_id, event.name, event.description, event.price]
                    + [event.created_at] * 2,
                )
            case StockAdded():
                do(
                    "INSERT INTO read_1.read_inventory VALUES (%s, %s, %s, %s, 0) ON CONFLICT (stream)"
                    " DO UPDATE SET version = excluded.version, total = read_inventory.total + excluded.total",
                    [at.stream, at.version, event.product_id, event.quantity],
                )
            case StockReserved():
                do(
                    "UPDATE read_1.read_inventory SET version = %s, reserved = reserved + %s WHERE stream = %s",
                    [at.version, event.quantity, at.stream],
                )
            case StockDeducted():
                do(
                    "UPDATE read_1.read_inventory SET version = %s, total = total - %s, reserved = reserved - %s WHERE stream = %s",
                    [at.version, event.quantity, event.quantity, at.stream],
                )
            case ItemAddedToCart():
                line = {"product_id": event.product_id, "quantity": event.quantity, "price": event.price}
                do(
                    "INSERT INTO read_1.read_carts VALUES (%s, %s, %s, %s, %s) ON CONFLICT (stream)"
                    " DO UPDATE SET version = excluded.version, items = read_carts.items || excluded.items",
                    [at.stream, at.version, event.cart_id, event.user_id, Json([line])],
                )
            case CartCleared():
                do("UPDATE read_1.read_carts SET version = %s, items = '[]' WHERE stream = %s", [at.version, at.stream])
            case OrderPlaced():
                items = [[item.product_id, item.name, item.quantity, item.price] for item in event.items]
                do(
                    "INSERT INTO read_1.read_orders VALUES (%s, %s, %s, %s, %s, %s, 'pending', %s, %s) ON CONFLICT (stream) DO NOTHING",
                    [at.stream, at.version, event.order_id, event.user_id, Json(items), event.total]
                    + [event.placed_at] * 2,
                )
            case OrderPaid():
                self._order(at, "paid", event.paid_at)
            case OrderShipped():
                self._order(at, "shipped", event.shipped_at)
            case _:
                raise AssertionError(event)

    def _order(self, at: Doorbell, status: str, moment: object) -> None:
        self._connection.execute(
            "UPDATE read_1.read_orders SET version = %s, status = %s, updated_at = %s WHERE stream = %s",
            [at.version, status, moment, at.stream],
        )


class Copying:
    """Binary COPY of the rows and cursors that a batch leaves, into tables of the same columns and indexes, none of them unique."""

    def __init__(self, connection: Connection[Any]) -> None:
        """Make the tables."""
        self._connection = connection
        self._states: dict[str, Aggregate | None] = {}
        self._fold = RowFold(CODEC)
        connection.execute("CREATE SCHEMA copied")
        for schema, name in [
            ("shop_state", "projection_cursors"),
            *(("read_1", table.name) for table in READ_TABLES.values()),
        ]:
            connection.execute(f"CREATE TABLE copied.{name} (LIKE {schema}.{name})".encode())
            indexes = connection.execute(
                "SELECT indexdef FROM pg_indexes WHERE schemaname = %s AND tablename = %s", [schema, name]
            )
            for (definition,) in indexes.fetchall():
                statement = definition.replace("UNIQUE ", "").replace(f" ON {schema}.", " ON copied.")
                connection.execute(statement.encode())

    def rows_of(self, doorbells: Sequence[Doorbell]) -> Mapping[str, list[tuple[Any, ...]]]:
        """Give what a batch leaves, by table: what is timed is how it gets there."""
        last = {}
        for doorbell in doorbells:
            assert doorbell.event
            stream = doorbell.stream
            self._states[stream] = self._fold(self._states.get(stream), doorbell.event)
            last[stream] = doorbell.event
        rows = defaultdict[str, list[tuple[Any, ...]]](list)
        for stream, event in last.items():
            state = self._states[stream]
            assert state
            kind = type(state).__name__
            table = READ_TABLES[kind]
            values = [
                [] if type_ == "text[]" else Json(value, dumps=str) if type_ == "jsonb" else value
                for value, type_ in zip(table.values(state), table.columns.values(), strict=True)
            ]
            rows[table.name].append((stream, event.version, *values))
            rows["projection_cursors"].append(("read-models", 1, stream, kind, event.version, event.id))
        return rows

    def handle(self, rows: Mapping[str, list[tuple[Any, ...]]]) -> None:
        """Copy them, in one transaction."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for name, of_table in rows.items():
                with cursor.copy(f"COPY copied.{name} FROM STDIN (FORMAT binary)".encode()) as copy:
                    copy.set_types(TYPES[name])
                    for row in of_table:
                        copy.write_row(row)


TYPES = {table.name: ["text", "bigint", *table.columns.values()] for table in READ_TABLES.values()} | {
    "projection_cursors": ["text", "integer", "text", "text", "bigint", "text"]
}


@contextmanager
def connected(url: str) -> Iterator[Connection[Any]]:
    """Give a connection that prepares what it repeats."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=2) as connection:
        yield connection
