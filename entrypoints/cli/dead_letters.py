"""`ecshop dead-letters`: streams that wait for a fix, and records that nobody could read."""

import json
import sys
from collections.abc import Sequence

import click

from config.settings import Settings
from core.delivery.consumer import Consumer
from core.delivery.projector import AWAY
from core.ports.projection_store import Parked, ProjectionStore
from entrypoints.cli.projectors import role_of
from entrypoints.cli.refusal import Refused

AGAIN = 1
"""Exit status where a stream is parked again."""


def list_dead_letters(settings: Settings, projector: str, *, as_json: bool) -> None:
    """Print the parked streams, and the records that nobody could read.

    Raises:
        Refused: the database is away.
    """
    with role_of(settings, projector) as role:
        projections: ProjectionStore = role.projections()
        try:
            parked, unreadable = projections.parked_streams(), projections.unreadable_records()
        except AWAY as error:
            raise Refused(str(error)) from None
    if as_json:
        records = [{"position": position, "reason": reason} for position, reason in unreadable]
        click.echo(_json({"parked": [each._asdict() for each in parked], "unreadable": records}))
        return
    for each in parked:
        waiting = each.newest - each.version + 1
        click.echo(
            f"{each.stream}: stopped at version {each.version}, {waiting} waiting, tried {each.attempts} times: {each.error}"
        )
    for position, reason in unreadable:
        click.echo(f"record {position}: cannot be read: {reason}")
    if not parked and not unreadable:
        click.echo("Nothing is parked.")


def show_dead_letter(settings: Settings, projector: str, stream: str, *, as_json: bool) -> None:
    """Print what a parked stream waits for.

    Raises:
        Refused: the stream is not parked, or the database is away.
    """
    with role_of(settings, projector) as role:
        (parked,) = _parked(role.projections(), stream)
    if as_json:
        click.echo(_json(parked._asdict()))
        return
    for name, value in parked._asdict().items():
        click.echo(f"{name}: {value}")
    click.echo(f"Its events: ecshop events {stream}")


def redrive(settings: Settings, projector: str, stream: str | None) -> None:
    """Apply what a parked stream, or each of them, waits for; end with status 1 where one is parked again.

    Raises:
        Refused: the stream is not parked, or the store or the database is away.
    """
    still = 0
    with role_of(settings, projector) as role:
        consumer: Consumer = role.consumer()
        parked = _parked(role.projections(), stream)
        try:
            for each in parked:
                again = consumer.redrive(each.stream)
                still += again is not None
                outcome = f"is parked again, at version {again.version}: {again.error}" if again else "goes on"
                click.echo(f"{each.stream} {outcome}")
        except AWAY as error:
            raise Refused(str(error)) from None
    if not parked:
        click.echo("Nothing is parked.")
    if still:
        sys.exit(AGAIN)


def _parked(projections: ProjectionStore, stream: str | None) -> Sequence[Parked]:
    try:
        parked = [each for each in projections.parked_streams() if stream in {None, each.stream}]
    except AWAY as error:
        raise Refused(str(error)) from None
    if stream and not parked:
        raise Refused(f"{stream} is not parked; `ecshop dead-letters list` shows what is")
    return parked


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
