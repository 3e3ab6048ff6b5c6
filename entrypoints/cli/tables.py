"""`ecshop tables create`."""

import json

import click

from config.dynamodb import StoreProblem, make_tables
from config.settings import Settings
from entrypoints.cli.refusal import Refused


def create_tables(settings: Settings, *, as_json: bool) -> None:
    """Make the tables and tell which were new.

    Raises:
        Refused: DynamoDB cannot be reached or does not allow it.
    """
    try:
        made = make_tables(settings)
    except StoreProblem as error:
        raise Refused(str(error)) from None
    if as_json:
        click.echo(json.dumps([{"table": name, "created": created} for name, created in made.items()], indent=2))
        return
    for name, created in made.items():
        click.echo(f"{name}: {'created' if created else 'was there already'}")
