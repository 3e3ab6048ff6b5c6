"""PostgreSQL as the event store, and as what a projector keeps: rows in a schema for each generation, cursors, mails."""
