"""PostgreSQL as the event store: streams, claims, snapshots and the feed of one database, made by migrations."""
