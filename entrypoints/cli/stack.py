"""`ecshop stack`: everything that the shop needs on AWS, played on this machine."""

import os
import shlex
import sys
import time
from pathlib import Path

import click

from config.settings import Settings
from entrypoints.cli.demo_data import demo_id
from entrypoints.cli.refusal import Refused
from entrypoints.cli.signals import stopped_by_signals
from entrypoints.stack import stack
from entrypoints.stack.plan import Plan
from entrypoints.stack.problem import StackProblem

DIED = 1
"""Exit status where a part does not start or dies."""

LOOK_AGAIN = 0.3
"""Seconds between two looks at logs that are followed."""


def up(settings: Settings, *, lambdas: bool) -> None:
    """Start the stack and keep it until Ctrl-C or SIGTERM; end with status 1 where a part of it ends by itself.

    Raises:
        Refused: it cannot start.
    """
    with stopped_by_signals() as stopping:
        ready = False

        def tell_ready(plan: Plan) -> None:
            nonlocal ready
            ready = True
            _tell(plan)

        try:
            stack.up(settings, stopping, lambda said: click.echo(f"  {said}"), tell_ready, lambdas=lambdas)
        except StackProblem as problem:
            if not ready:
                raise Refused(str(problem)) from None
            click.echo(f"Error: {problem}", err=True)
            sys.exit(DIED)
    click.echo("Stopped; what it has is kept.")


def _tell(plan: Plan) -> None:
    token = plan.shop["ADMIN_TOKEN"]
    click.echo(f"EC Shop is at {plan.api} (its API is described at {plan.api}/schema)")
    click.echo(f"Mails can be read at {plan.mails}")
    click.echo(f"AWS is played at {plan.aws} (DynamoDB, Kinesis, Lambda)")
    click.echo(f"Admin token: {token}")
    exports, ecshop = shlex.quote(str(plan.folder / "env")), shlex.quote(str(Path(sys.executable).with_name("ecshop")))
    click.echo(f"Commands on it, in another terminal: . {exports} && {ecshop} status")
    click.echo(f"Try: curl {plan.api}/products/{demo_id('product', 0)}")
    click.echo("Ctrl-C stops it.")


def down(settings: Settings) -> None:
    """Stop the stack that another terminal started.

    Raises:
        Refused: it does not end.
    """
    try:
        stopped = stack.down(settings)
    except StackProblem as problem:
        raise Refused(str(problem)) from None
    click.echo("Stopped." if stopped else "No stack runs here.")


def logs(settings: Settings, name: str | None, *, lines: int, follow: bool) -> None:
    """Print the ends of the logs, or of one; go on with what comes where they are followed.

    Raises:
        Refused: there is no such log.
    """
    found = stack.logs_of(settings)
    if not found:
        raise Refused(f"There are no logs in {stack.folder_of(settings)}: `ecshop stack up` starts a stack")
    if name is not None and name not in found:
        raise Refused(f"There is no log of {name!r}; there are {', '.join(found)}")
    shown = {name: found[name]} if name else found
    places = {each: _print_end(each, path, lines, alone=name is not None) for each, path in shown.items()}
    while follow:
        time.sleep(LOOK_AGAIN)
        places = {each: _print_new(each, path, places[each], alone=name is not None) for each, path in shown.items()}


def _print_end(name: str, path: Path, lines: int, *, alone: bool) -> int:
    data, place = _from(path, 0)
    _print(name, b"\n".join(data.splitlines()[-lines:]), alone=alone)
    return place + len(data)


def _print_new(name: str, path: Path, place: int, *, alone: bool) -> int:
    data, place = _from(path, place)
    whole = data[: data.rfind(b"\n") + 1]
    _print(name, whole, alone=alone)
    return place + len(whole)


def _from(path: Path, place: int) -> tuple[bytes, int]:
    """Give what the log has from this place on, or from its beginning where it was begun anew, and which place that is."""
    try:
        with path.open("rb") as log:
            place = log.seek(place if place <= log.seek(0, os.SEEK_END) else 0)
            return log.read(), place
    except FileNotFoundError:  # somebody moved it; the next start makes another
        return b"", 0


def _print(name: str, data: bytes, *, alone: bool) -> None:
    for line in data.decode(errors="replace").splitlines():
        click.echo(line if alone else f"{name:<10} {line}")
