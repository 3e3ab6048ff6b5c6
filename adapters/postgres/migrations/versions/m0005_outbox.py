"""What is still to be relayed: one row for each stream that has such events."""

from alembic import op

revision = "0005"
down_revision = "0004"

TABLE = """
CREATE TABLE shop_events.outbox (
    stream text COLLATE "C" PRIMARY KEY,
    relayed bigint NOT NULL
) WITH (fillfactor = 70);
"""

COMMIT = """
CREATE FUNCTION shop_events.commit_to_relay(
    the_commit text, at timestamptz,
    streams text[], expected bigint[], counts integer[], newest text[],
    event_streams text[], event_versions bigint[], event_ids text[],
    aggregate_types text[], event_types text[], schema_versions integer[], event_data text[], event_metadata text[],
    keys text[], owners text[], releases boolean[], claim_values text[], expiries timestamptz[]
) RETURNS void LANGUAGE plpgsql AS $$
-- A commit whose events are still to be relayed: those after `relayed` of their stream.
BEGIN
    PERFORM shop_events.commit(
        the_commit, at, streams, expected, counts, newest,
        event_streams, event_versions, event_ids, aggregate_types, event_types, schema_versions, event_data, event_metadata,
        keys, owners, releases, claim_values, expiries
    );
    -- The heads are locked by now, so no relay takes a row away until this ends. A row that a relay has locked is there, and DO NOTHING
    -- does not wait for it: no commit waits for a broker.
    INSERT INTO shop_events.outbox
    SELECT stream, version FROM unnest(streams, expected, counts) AS place (stream, version, count)
    WHERE count > 0 ON CONFLICT DO NOTHING;
END $$;
"""


def upgrade() -> None:
    """Make the table, and the function that writes to it."""
    op.execute(TABLE)
    op.execute(COMMIT)
