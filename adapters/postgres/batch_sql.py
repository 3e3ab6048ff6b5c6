"""The statements of a batch: each takes all its streams at once, as arrays, so their number does not grow with the batch."""

from adapters.postgres.read_tables import ReadTable, schema_of

SHARE = (
    "SELECT pg_advisory_xact_lock_shared(%s::int, %s::int), set_config('plan_cache_mode', 'force_generic_plan', true)"
)
"""Hold off a rebuild's barrier until the batch ends; a lock of the transaction, so that no session keeps it, and a pooler works.

What follows is planned once, without a look at the arrays: it reaches its rows by their keys then. With 500 names before it, PostgreSQL
would rather read a table of 10,000 rows from end to end.
"""

WRITTEN = (
    "SELECT number, folds, status FROM shop_state.projection_generations"
    " WHERE projector = %s AND status IN ('building', 'live') ORDER BY number"
)
"""A statement of its own, after the lock: in the lock's own statement it would see the registry of before the wait."""

MAKE_CURSORS = """
INSERT INTO shop_state.projection_cursors (projector, generation, stream, kind, version, event_id)
SELECT %(projector)s, generation, stream, '', 0, ''
FROM unnest(%(generations)b::bigint[]) AS generation, unnest(%(streams)b::text[]) AS stream
ORDER BY generation, stream COLLATE "C"
ON CONFLICT DO NOTHING
"""
"""Locking rows that are not there would lock nothing. Sorted too: who makes a cursor holds it, and others wait for it."""

_CURSORS = """
SELECT generation, stream, kind, version, event_id FROM shop_state.projection_cursors
WHERE projector = %(projector)s AND generation = ANY (%(generations)b::bigint[]) AND stream = ANY (%(streams)b::text[])
"""

LOCK_CURSORS = f"{_CURSORS} ORDER BY generation, stream FOR UPDATE"
"""Sorted, so that batches never wait for each other in a ring."""

LOOK_AT_CURSORS = _CURSORS

PARKED = """
SELECT generation, stream, version, error, attempts, newest FROM shop_state.parked_streams
WHERE projector = %(projector)s AND generation = ANY (%(generations)b::bigint[]) AND stream = ANY (%(streams)b::text[])
"""
"""After the cursors are locked: they guard it."""

MOVE_CURSORS = """
UPDATE shop_state.projection_cursors AS cursor
SET kind = moved.kind, version = moved.version, event_id = moved.event_id
FROM unnest(
    %(generations)b::bigint[], %(streams)b::text[], %(versions_before)b::bigint[], %(event_ids_before)b::text[],
    %(kinds)b::text[], %(versions)b::bigint[], %(event_ids)b::text[]
) AS moved (generation, stream, version_before, event_id_before, kind, version, event_id)
WHERE cursor.projector = %(projector)s AND cursor.generation = moved.generation AND cursor.stream = moved.stream
    AND cursor.version = moved.version_before AND cursor.event_id = moved.event_id_before
"""
"""Only from where each was loaded: fewer rows than changes say that another owner moved one."""

UNPARK = """
DELETE FROM shop_state.parked_streams AS parked
USING unnest(%(unparked_generations)b::bigint[], %(unparked_streams)b::text[]) AS gone (generation, stream)
WHERE parked.projector = %(projector)s AND parked.generation = gone.generation AND parked.stream = gone.stream
"""

PARK = """
INSERT INTO shop_state.parked_streams (projector, generation, stream, version, error, attempts, newest)
SELECT %(projector)s, generation, stream, version, error, attempts, newest FROM unnest(
    %(parked_generations)b::bigint[], %(parked_streams)b::text[], %(parked_versions)b::bigint[],
    %(parked_errors)b::text[], %(parked_attempts)b::bigint[], %(parked_newest)b::bigint[]
) AS parked (generation, stream, version, error, attempts, newest)
ON CONFLICT (projector, generation, stream) DO UPDATE SET
    version = excluded.version, error = excluded.error, attempts = excluded.attempts, newest = excluded.newest
"""

ASK_FOR_MAILS = """
INSERT INTO shop_state.mail_queue
    (event_id, template, stream, version, happened_at, status, recipient, attempts, error)
SELECT event_id, template, stream, version, happened_at, 'pending', '', 0, '' FROM unnest(
    %(mail_events)b::text[], %(mail_templates)b::text[], %(mail_streams)b::text[],
    %(mail_versions)b::bigint[], %(mail_times)b::timestamptz[]
) AS mail (event_id, template, stream, version, happened_at)
ON CONFLICT (event_id) DO NOTHING
"""

NOTE_UNREADABLE = """
INSERT INTO shop_state.unreadable_records (projector, position, reason)
SELECT %(projector)s, position, reason
FROM unnest(%(positions)b::text[], %(reasons)b::text[]) WITH ORDINALITY AS record (position, reason, met)
ORDER BY met
ON CONFLICT DO NOTHING
"""


NEXT_STREAMS = """
SELECT stream FROM shop_state.projection_cursors
WHERE projector = %s AND generation = %s AND stream > %s ORDER BY stream LIMIT %s
"""

ALL_PARKED = """
SELECT stream, version, error, attempts, newest FROM shop_state.parked_streams
WHERE projector = %s AND generation = %s ORDER BY stream
"""

FOLLOWED = "SELECT feed FROM shop_state.projectors WHERE projector = %s"

FOLLOW = """
INSERT INTO shop_state.projectors AS projector (projector, feed, position) VALUES (%s, %s, '')
ON CONFLICT (projector) DO UPDATE SET feed = excluded.feed, position = '' WHERE projector.feed <> excluded.feed
"""

BOOKMARK = "SELECT bookmark FROM shop_state.bookmarks WHERE projector = %s"

KEEP_BOOKMARK = """
INSERT INTO shop_state.bookmarks (projector, bookmark) VALUES (%s, %s)
ON CONFLICT (projector) DO UPDATE SET bookmark = excluded.bookmark
"""

ALL_UNREADABLE = "SELECT position, reason FROM shop_state.unreadable_records WHERE projector = %s ORDER BY met"


def move_cursors(*more: str) -> str:
    """Give one statement that moves cursors and does more; its number of rows is that of the cursors that were moved."""
    parts = ", ".join(f"more_{number} AS ({part})" for number, part in enumerate(more))
    return f"WITH {parts} {MOVE_CURSORS}" if parts else MOVE_CURSORS


def load_rows(table: ReadTable, generation: int) -> str:
    """Give the statement that loads the rows of some streams: stream, version, then the table's columns."""
    columns = [f"{name}::text" if kind == "jsonb" else name for name, kind in table.columns.items()]
    place = f"{schema_of(generation)}.{table.name}"
    return f"SELECT stream, version, {', '.join(columns)} FROM {place} WHERE stream = ANY (%b::text[])"


def save_rows(table: ReadTable, generation: int) -> str:
    """Give the statement that saves rows, of one array for each column, and removes those of the streams that come last."""
    place = f"{schema_of(generation)}.{table.name}"
    columns = {"stream": "text", "version": "bigint", **table.columns}
    # What is an array or JSON itself comes as text: an array of arrays would need them all to be of one length.
    carried = {
        name: kind if kind in {"text", "bigint", "boolean", "timestamptz"} else "text" for name, kind in columns.items()
    }
    arrays = ", ".join(f"%b::{kind}[]" for kind in carried.values())
    values = ", ".join(name if columns[name] == kind else f"{name}::{columns[name]}" for name, kind in carried.items())
    replaced = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "stream")
    return (
        f"WITH saved AS (INSERT INTO {place} ({', '.join(columns)})"
        f" SELECT {values} FROM unnest({arrays}) AS given ({', '.join(columns)})"
        f" ON CONFLICT (stream) DO UPDATE SET {replaced})"
        f" DELETE FROM {place} WHERE stream = ANY (%b::text[])"
    )
