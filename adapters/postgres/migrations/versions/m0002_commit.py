"""The two functions that a commit is: what it does, and what its failure proves."""

from alembic import op

revision = "0002"
down_revision = "0001"

VERDICT = """
CREATE FUNCTION shop_events.verdict(
    the_commit text, at timestamptz,
    streams text[], expected bigint[], counts integer[],
    keys text[], owners text[],
    OUT verdict text, OUT about text
) LANGUAGE plpgsql AS $$
-- What is known of a commit: 'stored', a claim 'taken', a stream 'stale', or nothing. In this order, which is the proof order.
-- A count of 0 is a check; an owner is given for a release alone.
DECLARE
    -- What this very transaction has claimed before it failed is no proof of an earlier one.
    mine CONSTANT xid := pg_current_xact_id_if_assigned()::xid;
BEGIN
    IF EXISTS (
        SELECT FROM unnest(streams, expected, counts) AS place (stream, version, count)
        JOIN shop_events.events AS event ON event.stream = place.stream AND event.version = place.version + 1
        WHERE place.count > 0 AND event.commit_id = the_commit
    ) OR EXISTS (
        SELECT FROM shop_events.claims AS claim
        WHERE claim.key = ANY (keys) AND claim.commit_id = the_commit AND claim.xmin IS DISTINCT FROM mine
    ) THEN
        verdict := 'stored';
        RETURN;
    END IF;

    SELECT 'taken', claim.key INTO verdict, about
    FROM unnest(keys, owners) AS wanted (key, owner)
    JOIN shop_events.claims AS claim ON claim.key = wanted.key
    WHERE wanted.owner IS NULL AND claim.xmin IS DISTINCT FROM mine AND (claim.expires_at <= at) IS NOT TRUE
    LIMIT 1;
    IF FOUND THEN
        RETURN;
    END IF;

    SELECT 'stale', place.stream INTO verdict, about
    FROM unnest(streams, expected) AS place (stream, version)
    JOIN shop_events.heads AS head ON head.stream = place.stream
    WHERE head.version > place.version
    LIMIT 1;
END $$;
"""

COMMIT = """
CREATE FUNCTION shop_events.commit(
    the_commit text, at timestamptz,
    streams text[], expected bigint[], counts integer[], newest text[],
    event_streams text[], event_versions bigint[], event_ids text[],
    aggregate_types text[], event_types text[], schema_versions integer[], event_data text[], event_metadata text[],
    keys text[], owners text[], releases boolean[], claim_values text[], expiries timestamptz[]
) RETURNS void LANGUAGE plpgsql AS $$
-- Write all or nothing. Streams come sorted, and so do keys: whoever waits for a row holds only rows before it, so nobody waits in
-- a ring. The row of a head is locked even where the stream is new, because it is made first.
DECLARE
    refused text;
    proof record;
BEGIN
    FOR i IN 1 .. cardinality(streams) LOOP
        IF counts[i] > 0 AND expected[i] = 0 THEN
            INSERT INTO shop_events.heads AS head VALUES (streams[i], counts[i], newest[i])
            ON CONFLICT (stream) DO UPDATE SET version = excluded.version, event_id = excluded.event_id
            WHERE head.version = 0;
        ELSIF counts[i] > 0 THEN
            UPDATE shop_events.heads SET version = expected[i] + counts[i], event_id = newest[i]
            WHERE stream = streams[i] AND version = expected[i];
        ELSE
            IF expected[i] = 0 THEN
                INSERT INTO shop_events.heads VALUES (streams[i], 0, '') ON CONFLICT DO NOTHING;
            END IF;
            PERFORM FROM shop_events.heads WHERE stream = streams[i] AND version = expected[i] FOR SHARE;
        END IF;
        IF NOT FOUND THEN
            refused := format('stream %L is not at version %s', streams[i], expected[i]);
            EXIT;
        END IF;
    END LOOP;

    IF refused IS NULL THEN
        FOR i IN 1 .. cardinality(keys) LOOP
            IF releases[i] THEN
                DELETE FROM shop_events.claims WHERE key = keys[i] AND (owner = owners[i] OR expires_at <= at);
                CONTINUE WHEN FOUND OR NOT EXISTS (SELECT FROM shop_events.claims WHERE key = keys[i]);
            ELSE
                INSERT INTO shop_events.claims AS claim
                VALUES (keys[i], owners[i], the_commit, claim_values[i], expiries[i])
                ON CONFLICT (key) DO UPDATE SET
                    owner = excluded.owner, commit_id = excluded.commit_id,
                    value = excluded.value, expires_at = excluded.expires_at
                WHERE claim.expires_at <= at;
                CONTINUE WHEN FOUND;
            END IF;
            refused := format('the claim %L is held by another', keys[i]);
            EXIT;
        END LOOP;
    END IF;

    IF refused IS NOT NULL THEN
        SELECT * INTO proof FROM shop_events.verdict(
            the_commit, at, streams, expected, counts, keys,
            ARRAY(SELECT CASE WHEN release THEN owner END FROM unnest(owners, releases) AS claim (owner, release))
        );
        -- An error undoes what was written so far. The class SH is no one else's: the standard leaves I to Z to implementations.
        RAISE EXCEPTION USING
            ERRCODE = CASE proof.verdict WHEN 'stored' THEN 'SH001' WHEN 'taken' THEN 'SH002' ELSE 'SH003' END,
            MESSAGE = CASE proof.verdict WHEN 'stored' THEN 'the commit is stored' WHEN 'taken' THEN 'a claim is taken' ELSE refused END,
            DETAIL = coalesce(proof.about, '');
    END IF;

    IF cardinality(event_streams) > 0 THEN
        INSERT INTO shop_events.events (
            stream, version, id, aggregate_type, type, schema_version, data, created_at, commit_id, metadata
        )
        SELECT stream, version, id, aggregate_type, type, schema_version, data, at, the_commit, metadata
        FROM unnest(
            event_streams, event_versions, event_ids, aggregate_types, event_types, schema_versions, event_data,
            event_metadata
        ) AS event (stream, version, id, aggregate_type, type, schema_version, data, metadata);
        -- Heard when this commits, by whoever listens; several of one transaction are one.
        PERFORM pg_notify('shop_events', '');
    END IF;
END $$;
"""


def upgrade() -> None:
    """Make the functions."""
    op.execute(VERDICT)
    op.execute(COMMIT)
