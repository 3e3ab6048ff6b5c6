"""What a PostgreSQL says of itself to who looks after it."""

from typing import NamedTuple

import psycopg

from adapters.postgres.connections import place
from adapters.postgres.migrating import problem

ABOUT = """
    SELECT current_setting('server_version'), current_user::text, has_database_privilege(current_database(), 'CREATE'),
        current_setting('transaction_read_only') = 'on'
"""


class Server(NamedTuple):
    """A server, which database of it (`where`), and what the user may do there; a rebuild creates schemas."""

    version: str
    where: str
    user: str
    may_create_schemas: bool
    read_only: bool


def look(url: str) -> Server:
    """Ask it.

    Raises:
        PostgresProblem: it is not reached or refuses.
    """
    try:
        with psycopg.connect(url, connect_timeout=5, application_name="ecshop doctor") as connection:
            ((version, *others),) = connection.execute(ABOUT).fetchall()
    except psycopg.Error as error:
        raise problem(url, error) from None  # the cause names the URL
    return Server(version.partition(" ")[0], place(url), *others)
