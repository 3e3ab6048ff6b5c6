"""The tables that are never rebuilt, as SQLAlchemy Core metadata. The migrations make them; a test compares the two.

`shop_events` is PostgreSQL as the event store. `shop_state` is what projectors keep beside their rows. The rows themselves are of
another kind: their schemas are made and dropped with their generation.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.types import UserDefinedType

EVENTS, STATE = "shop_events", "shop_state"
"""The names of the two schemas."""

metadata = MetaData()


class TransactionId(UserDefinedType[str]):
    """PostgreSQL's own number of a transaction, 64 bits, so it never wraps round."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """Give the name of the type."""
        return "xid8"


def _name(column: str) -> Column[str]:
    # "C" compares bytes: as Python sorts names, the same on every server, and the fastest there is.
    return Column(column, Text(collation="C"), nullable=False)


def _text(column: str) -> Column[str]:
    return Column(column, Text, nullable=False)


def _number(column: str) -> Column[int]:
    return Column(column, BigInteger, nullable=False)


def _time(column: str, *, nullable: bool = False) -> Column[object]:
    return Column(column, DateTime(timezone=True), nullable=nullable)


# Updated at each commit: room beside a head keeps its new version on the same page, and its index as it is.
UPDATED_IN_PLACE = {"fillfactor": 70}

events = Table(
    "events",
    metadata,
    Column("position", BigInteger, Identity(always=True), nullable=False),
    Column("transaction_id", TransactionId, server_default=text("pg_current_xact_id()"), nullable=False),
    _name("stream"),
    _number("version"),
    _text("id"),
    _text("aggregate_type"),
    _text("type"),
    Column("schema_version", Integer, nullable=False),
    # Text, not jsonb: what was written is read back byte for byte, and an event that is no JSON can still be counted and parked.
    _text("data"),
    _time("created_at"),
    _text("commit_id"),
    _text("metadata"),
    PrimaryKeyConstraint("stream", "version"),
    Index("events_in_feed_order", "transaction_id", "position", unique=True),
    # A few bytes for a megabyte of rows: times grow as rows are added, nearly.
    Index("events_by_time", "created_at", postgresql_using="brin"),
    schema=EVENTS,
)

heads = Table(
    "heads",
    metadata,
    _name("stream"),
    _number("version"),
    _text("event_id"),
    PrimaryKeyConstraint("stream"),
    schema=EVENTS,
    postgresql_with=UPDATED_IN_PLACE,
)
"""The newest version of each stream: the row that commits lock. Version 0 was checked once, and nothing was appended."""

claims = Table(
    "claims",
    metadata,
    _name("key"),
    _text("owner"),
    _text("commit_id"),
    Column("value", Text),
    _time("expires_at", nullable=True),
    PrimaryKeyConstraint("key"),
    schema=EVENTS,
)

snapshots = Table(
    "snapshots",
    metadata,
    _name("stream"),
    _text("aggregate_type"),
    _number("version"),
    Column("schema_version", Integer, nullable=False),
    _text("state"),
    _time("created_at"),
    PrimaryKeyConstraint("stream"),
    schema=EVENTS,
)

outbox = Table(
    "outbox",
    metadata,
    _name("stream"),
    _number("relayed"),
    PrimaryKeyConstraint("stream"),
    schema=EVENTS,
    postgresql_with=UPDATED_IN_PLACE,
)
"""A stream that has events which are still to be relayed: those after the version `relayed`."""

lives = Table("lives", metadata, _text("id"), PrimaryKeyConstraint("id"), schema=EVENTS)
"""One row, written when the schema is made: the name of this life of the store."""

projectors = Table(
    "projectors",
    metadata,
    _name("projector"),
    _text("feed"),
    _text("position"),
    PrimaryKeyConstraint("projector"),
    schema=STATE,
)
"""Which feed a projector reads, and up to where it has acknowledged everything."""

projection_generations = Table(
    "projection_generations",
    metadata,
    _name("projector"),
    Column("number", Integer, nullable=False),
    Column("folds", Integer, nullable=False),
    _text("status"),
    PrimaryKeyConstraint("projector", "number"),
    CheckConstraint("status IN ('building', 'live', 'retired', 'dropped')", name="a_generation_has_a_status"),
    Index(
        "one_generation_builds_one_lives",
        "projector",
        "status",
        unique=True,
        postgresql_where=text("status IN ('building', 'live')"),
    ),
    schema=STATE,
)
"""A dropped one leaves its number here: no later one gets it, so nothing that still names it meets another's rows."""

projection_cursors = Table(
    "projection_cursors",
    metadata,
    _name("projector"),
    Column("generation", Integer, nullable=False),
    _name("stream"),
    _text("kind"),
    _number("version"),
    _text("event_id"),
    PrimaryKeyConstraint("projector", "generation", "stream"),
    schema=STATE,
    postgresql_with=UPDATED_IN_PLACE,
)
"""`kind` is the aggregate type of the stream's row, empty where it has none."""

parked_streams = Table(
    "parked_streams",
    metadata,
    _name("projector"),
    Column("generation", Integer, nullable=False),
    _name("stream"),
    _number("version"),
    _text("error"),
    Column("attempts", Integer, nullable=False),
    _number("newest"),
    PrimaryKeyConstraint("projector", "generation", "stream"),
    schema=STATE,
)

unreadable_records = Table(
    "unreadable_records",
    metadata,
    _name("projector"),
    _name("position"),
    _text("reason"),
    Column("met", BigInteger, Identity(always=True), nullable=False),
    PrimaryKeyConstraint("projector", "position"),
    schema=STATE,
)
"""`met` puts them in the order in which they were met: positions of a feed need not sort."""

bookmarks = Table(
    "bookmarks", metadata, _name("projector"), _text("bookmark"), PrimaryKeyConstraint("projector"), schema=STATE
)
"""How far a job of a projector has come that is done in parts."""

mail_queue = Table(
    "mail_queue",
    metadata,
    _text("event_id"),
    _text("template"),
    _name("stream"),
    _number("version"),
    _time("happened_at"),
    _text("status"),
    _text("recipient"),
    Column("attempts", Integer, nullable=False),
    _text("error"),
    _time("due_at", nullable=True),
    _time("settled_at", nullable=True),
    PrimaryKeyConstraint("event_id"),
    # The sender looks for these again and again; all other mails are history.
    Index("mails_that_go_on", "happened_at", postgresql_where=text("status IN ('pending', 'sending')")),
    Index("mails_by_time", "happened_at", "event_id"),
    schema=STATE,
)
