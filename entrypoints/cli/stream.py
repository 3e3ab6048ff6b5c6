"""`ecshop stream create`."""

import json

import click

from config.dynamodb import StoreProblem, make_stream
from config.settings import Settings
from entrypoints.cli.refusal import Refused


def create_stream(settings: Settings, shards: int, *, as_json: bool) -> None:
    """Make the stream with what fills and divides it, and tell what was new.

    Raises:
        Refused: Kinesis or DynamoDB cannot be reached or does not allow it; there is no events table.
    """
    try:
        made = make_stream(settings, shards)
    except StoreProblem as error:
        raise Refused(str(error)) from None
    if as_json:
        click.echo(json.dumps([{"name": name, "created": created} for name, created in made.items()], indent=2))
        return
    for name, created in made.items():
        click.echo(f"{name}: {'created' if created else 'was there already'}")
    if settings.delivery == "cdc":
        click.echo(f"The changes of {settings.dynamodb_table_name} flow into {settings.kinesis_stream_name}.")
    else:
        click.echo(f"What is published goes into {settings.published_stream_name} (DELIVERY={settings.delivery}).")
