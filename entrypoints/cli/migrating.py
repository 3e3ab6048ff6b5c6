"""`ecshop migrate`; the embedded PostgreSQL is brought up to date whenever it starts."""

import click

from config.backends import StoreProblem
from config.database import migrate as migrated
from config.settings import Settings
from config.shop import Shop
from entrypoints.cli.extras import extra
from entrypoints.cli.refusal import Refused
from entrypoints.cli.stores import database_of


def migrate(settings: Settings) -> None:
    """Run the steps that are missing, and name them.

    Raises:
        Refused: the database is not reached, refuses, or is not one of ours.
    """
    try:
        with extra("postgres"), database_of(settings) as named:
            done = migrated(named, Shop(settings=named).environment())
    except StoreProblem as problem:
        raise Refused(str(problem)) from None
    click.echo(f"Done: {', '.join(done)}." if done else "The tables are as this version wants them.")
