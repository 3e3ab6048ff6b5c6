"""What Alembic runs, in order; configured in code, so there is no alembic.ini."""
