"""Many events, put straight into PostgreSQL's tables: to commit them would take minutes, and what is tested is what reads them."""

import psycopg

OF_A_STREAM = 10

FILL = """
WITH told AS (
    INSERT INTO shop_events.events
        (stream, version, id, aggregate_type, type, schema_version, data, created_at, commit_id, metadata)
    SELECT
        'inventory-' || product, version, gen_random_uuid(), 'Inventory', 'StockAdded', 1,
        json_build_object('product_id', product::text, 'quantity', 1, 'added_at', '2026-01-02T03:04:05.678901Z'),
        '2026-01-02T03:04:05.678901Z', gen_random_uuid(), '{}'
    FROM generate_series(1, %(streams)s) AS product, generate_series(1, %(versions)s) AS version
    RETURNING stream, version, id
)
INSERT INTO shop_events.heads SELECT stream, version, id FROM told WHERE version = %(versions)s
"""


def fill(url: str, events: int) -> None:
    """Write so many, all of products' stock, and have PostgreSQL know how many there are."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(FILL, {"streams": events // OF_A_STREAM, "versions": OF_A_STREAM})
        connection.execute("ANALYZE shop_events.events, shop_events.heads")
