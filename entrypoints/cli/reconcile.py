"""`ecshop reconcile`: what a projector has against what the store has."""

import json
import sys
from datetime import timedelta

import click

from config.settings import Settings
from core.delivery.projector import AWAY
from core.delivery.reconcile import Reconcile, Report
from entrypoints.cli.projectors import role_of
from entrypoints.cli.refusal import Refused

DIFFER = 1
"""Exit status where something differs."""


def reconcile(
    settings: Settings, projector: str, *, recent: timedelta | None, deep: bool, repair: bool, as_json: bool
) -> None:
    """Compare a projector with the store, print what differs, and end with status 1 where something did.

    Raises:
        Refused: the store or the database is away.
    """
    with role_of(settings, projector) as role:
        steps: Reconcile = role.reconcile()
        try:
            report = steps.look(recent=recent, deep=deep)
            if repair and report.differences:
                steps.repair(report, deep=deep)
        except AWAY as error:
            raise Refused(str(error)) from None
    click.echo(json.dumps(_plain(report), indent=2)) if as_json else _print(report, repaired=repair)
    if report.differences:
        sys.exit(DIFFER)


def _plain(report: Report) -> dict[str, object]:
    differences = [
        {**each._asdict(), "cursor": each.cursor._asdict(), "head": each.head._asdict()} for each in report.differences
    ]
    return {"looked_at": report.looked_at, "differences": differences, "parked": list(report.parked)}


def _print(report: Report, *, repaired: bool) -> None:
    for stream, kind, cursor, head in report.differences:
        click.echo(f"{stream}: {kind}, at version {cursor.version} where the store has {head.version}")
    for stream in report.parked:
        click.echo(f"{stream}: parked, left to `ecshop dead-letters redrive`")
    count = len(report.differences)
    done = " Repaired; look again to be sure." if repaired and count else ""
    click.echo(f"{report.looked_at} streams, {count} {'differs' if count == 1 else 'differ'}.{done}")
