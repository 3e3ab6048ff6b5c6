"""The event store: events, heads, claims, snapshots, and the name of this life."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE SCHEMA shop_events;

CREATE TABLE shop_events.events (
    position bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    stream text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    id text NOT NULL,
    aggregate_type text NOT NULL,
    type text NOT NULL,
    schema_version integer NOT NULL,
    data text NOT NULL,
    created_at timestamptz NOT NULL,
    commit_id text NOT NULL,
    metadata text NOT NULL,
    PRIMARY KEY (stream, version)
);
CREATE UNIQUE INDEX events_in_feed_order ON shop_events.events (transaction_id, position);
CREATE INDEX events_by_time ON shop_events.events USING brin (created_at);

CREATE TABLE shop_events.heads (
    stream text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    event_id text NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE shop_events.claims (
    key text COLLATE "C" PRIMARY KEY,
    owner text NOT NULL,
    commit_id text NOT NULL,
    value text,
    expires_at timestamptz
);

CREATE TABLE shop_events.snapshots (
    stream text COLLATE "C" PRIMARY KEY,
    aggregate_type text NOT NULL,
    version bigint NOT NULL,
    schema_version integer NOT NULL,
    state text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE shop_events.lives (id text PRIMARY KEY);
INSERT INTO shop_events.lives VALUES (gen_random_uuid());
"""


def upgrade() -> None:
    """Make the schema."""
    op.execute(TABLES)
