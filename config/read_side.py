"""The read side in PostgreSQL, which every durable shop has: rows, mail queue, and what a projector writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.settings import Settings
from core.ports.environment import Environment
from core.ports.mail_queue import MailQueue
from core.ports.projection_store import ProjectionStore, ProjectionUnavailable
from core.ports.queries import Queries
from core.projections.mails import NOTIFIER
from core.projections.rows import READ_MODELS


class StoreProblem(Exception):
    """The stores cannot be opened; the text is a sentence that names the setting."""


@dataclass(frozen=True, slots=True)
class ReadSide:
    """The adapters of the read side, on one pool of connections to `url`; `projections` by the projector's name."""

    url: str
    pool: Any
    queries: Queries
    mail_queue: MailQueue
    projections: Mapping[str, ProjectionStore]


def open_read_side(settings: Settings, environment: Environment) -> ReadSide:
    """Open the database that DATABASE_URL names; `pool` is to be closed.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    from adapters.postgres.connections import PostgresProblem, open_pool
    from adapters.postgres.mail_queue import PostgresMailQueue
    from adapters.postgres.migrating import check
    from adapters.postgres.projection import PostgresProjectionStore
    from adapters.postgres.queries import PostgresQueries

    if settings.database_url is None:
        raise StoreProblem(f"STORE={settings.store} needs DATABASE_URL, the address of a PostgreSQL.")
    url = settings.database_url.get_secret_value()
    try:
        check(url)
        pool = open_pool(url, "ecshop")
    except PostgresProblem as problem:
        raise StoreProblem(str(problem)) from None
    projections = {name: PostgresProjectionStore(pool, environment, name) for name in (READ_MODELS, NOTIFIER)}
    try:
        established = all(each.generations() for each in projections.values())
    except ProjectionUnavailable as error:
        pool.close()
        raise StoreProblem(f"The database that DATABASE_URL names does not answer: {error}.") from None
    if not established:  # `migrate` was cut short after its last step
        pool.close()
        raise StoreProblem("The database that DATABASE_URL names has no rows to read yet: run `ecshop migrate`.")
    return ReadSide(url, pool, PostgresQueries(pool), PostgresMailQueue(pool), projections)
