"""The tables of a generation: made, shown to people, removed. SQLAlchemy is loaded here, and only once one of these is asked for."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from adapters.postgres.read_tables import schema_of


def make(connection: Connection[Any], number: int) -> None:
    """Make its schema with empty tables."""
    from adapters.postgres.read_schema import creation  # noqa: PLC0415 - a projector that writes needs none of it

    _run(connection, creation(schema_of(number)))


def show(connection: Connection[Any], number: int) -> None:
    """Have the views show it."""
    from adapters.postgres.read_schema import replacement  # noqa: PLC0415 - as above

    _run(connection, replacement(schema_of(number)))


def remove(connection: Connection[Any], number: int) -> None:
    """Drop its schema."""
    from adapters.postgres.read_schema import removal  # noqa: PLC0415 - as above

    _run(connection, removal(schema_of(number)))


def _run(connection: Connection[Any], statements: Sequence[str]) -> None:
    for statement in statements:
        connection.execute(statement.encode())
