"""`ecshop reconcile` and `ecshop dead-letters`: what a projector lacks, and what it waits for."""

import json
import sys
from datetime import timedelta

import click
from config.read_side import ReadSide, open_read_side

from config.settings import Settings
from core.delivery.projector import AWAY
from core.delivery.reconcile import Report
from core.ports.projection_store import Parked
from entrypoints.cli.refusal import Refused

DIFFER = 1
"""Exit status where something differs."""


def reconcile(
    settings: Settings, projector: str, *, recent: timedelta | None, deep: bool, repair: bool, as_json: bool
) -> None:
    """Compare a projector with the store, print what differs, and end with status 1 where something does.

    Raises:
        Refused: the store or the database is away.
    """
    with open_read_side(settings, projector) as read_side:
        try:
            report = read_side.reconcile.look(recent=recent, deep=deep)
            if repair and report.differences:
                read_side.reconcile.repair(report, deep=deep)
        except AWAY as error:
            raise Refused(str(error)) from None
    if as_json:
        click.echo(json.dumps(_plain(report), indent=2))
    else:
        _print(report, repaired=repair)
    if report.differences:
        sys.exit(DIFFER)


def _plain(report: Report) -> dict[str, object]:
    return {
        "looked_at": report.looked_at,
        "differences": [
            {**each._asdict(), "cursor": each.cursor._asdict(), "head": each.head._asdict()}
            for each in report.differences
        ],
        "parked": list(report.parked),
    }


def _print(report: Report, *, repaired: bool) -> None:
    for stream, kind, cursor, head in report.differences:
        click.echo(f"{stream}: {kind}, at version {cursor.version} where the store has {head.version}")
    for stream in report.parked:
        click.echo(f"{stream}: parked, left to `ecshop dead-letters redrive`")
    count = len(report.differences)
    done = " Repaired; look again to be sure." if repaired and count else ""
    click.echo(f"{report.looked_at} streams, {count} {'differs' if count == 1 else 'differ'}.{done}")


def list_dead_letters(settings: Settings, projector: str, *, as_json: bool) -> None:
    """Print the parked streams, and the records that nobody could read.

    Raises:
        Refused: the database is away.
    """
    with open_read_side(settings, projector) as read_side:
        try:
            parked = read_side.projections.parked_streams()
            unreadable = read_side.projections.unreadable_records()
        except AWAY as error:
            raise Refused(str(error)) from None
    if as_json:
        rows = [{"position": position, "reason": reason} for position, reason in unreadable]
        click.echo(
            json.dumps({"parked": [_row(each) for each in parked], "unreadable": rows}, indent=2, ensure_ascii=False)
        )
        return
    for each in parked:
        waiting = each.newest - each.version + 1
        click.echo(
            f"{each.stream}  stopped at version {each.version}, {waiting} waiting, tried {each.attempts} times: {each.error}"
        )
    for position, reason in unreadable:
        click.echo(f"record {position}  cannot be read: {reason}")
    if not parked and not unreadable:
        click.echo("Nothing is parked.")


def _row(parked: Parked) -> dict[str, object]:
    return {name: getattr(parked, name) for name in ("stream", "version", "error", "attempts", "newest")}


def show_dead_letter(settings: Settings, projector: str, stream: str, *, as_json: bool) -> None:
    """Print what a parked stream waits for: the reason, and the event that it stopped at.

    Raises:
        Refused: the stream is not parked, or the database is away.
    """
    with open_read_side(settings, projector) as read_side:
        parked = _parked(read_side, stream)
        event = next((each for each in read_side.history.events(stream, parked.version - 1, 1)), None)
    shown = _row(parked) | {
        "event": None if event is None else {"event_type": event.event_type, "data": dict(event.data)}
    }
    if as_json:
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for name, value in shown.items():
        click.echo(f"{name}: {json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value}")


def _parked(read_side: ReadSide, stream: str) -> Parked:
    try:
        found = [each for each in read_side.projections.parked_streams() if each.stream == stream]
    except AWAY as error:
        raise Refused(str(error)) from None
    if not found:
        raise Refused(f"{stream} is not parked; `ecshop dead-letters list` shows what is")
    return found[0]


def redrive(settings: Settings, projector: str, stream: str | None) -> None:
    """Apply what a parked stream, or each of them, waits for; end with status 1 where one is parked again.

    Raises:
        Refused: the stream is not parked, or the store or the database is away.
    """
    still = 0
    with open_read_side(settings, projector) as read_side:
        try:
            parked = [_parked(read_side, stream)] if stream else read_side.projections.parked_streams()
            for each in parked:
                again = read_side.consumer.redrive(each.stream)
                still += again is not None
                outcome = f"is parked at version {again.version} again: {again.error}" if again else "goes on"
                click.echo(f"{each.stream} {outcome}")
        except AWAY as error:
            raise Refused(str(error)) from None
    if not parked:
        click.echo("Nothing is parked.")
    if still:
        sys.exit(DIFFER)
