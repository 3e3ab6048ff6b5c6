"""The tables of a PostgreSQL, for the command that makes them."""

from config.backends import StoreProblem
from config.settings import Settings


def migrate(settings: Settings) -> tuple[str, ...]:
    """Bring the database that DATABASE_URL names to the tables that this code wants; give the steps that were done.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    from adapters.postgres.connections import PostgresProblem
    from adapters.postgres.migrating import migrate as migrated

    if settings.database_url is None:
        raise StoreProblem("Set DATABASE_URL to the address of a PostgreSQL.")
    try:
        return migrated(settings.database_url.get_secret_value())
    except PostgresProblem as problem:
        raise StoreProblem(str(problem)) from None
