"""The tables of a PostgreSQL, for the command that makes them."""

from config.read_side import StoreProblem
from config.settings import Settings
from core.ports.environment import Environment
from core.ports.projection_store import ProjectionUnavailable
from core.projections.mails import NOTIFIER
from core.projections.rows import FOLDS, READ_MODELS


def migrate(settings: Settings, environment: Environment) -> tuple[str, ...]:
    """Bring the database that DATABASE_URL names to the tables that this code wants; give the steps that were done.

    A database without generations gets the first one of each projector.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    from adapters.postgres.connections import PostgresProblem, open_pool
    from adapters.postgres.migrating import migrate as migrated
    from adapters.postgres.projection import PostgresProjectionStore

    if settings.database_url is None:
        raise StoreProblem("Set DATABASE_URL to the address of a PostgreSQL.")
    url = settings.database_url.get_secret_value()
    try:
        done = migrated(url)
        with open_pool(url, "ecshop migrate") as pool:
            for projector in (READ_MODELS, NOTIFIER):
                PostgresProjectionStore(pool, environment, projector).establish(FOLDS)
    except (PostgresProblem, ProjectionUnavailable) as problem:
        raise StoreProblem(str(problem)) from None
    return done
