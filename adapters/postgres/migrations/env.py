"""Alembic's way in: run the steps on the connection that `migrating` gives."""

from alembic import context

from adapters.postgres.schema import STATE

context.configure(connection=context.config.attributes["connection"], version_table_schema=STATE)
with context.begin_transaction():
    context.run_migrations()
