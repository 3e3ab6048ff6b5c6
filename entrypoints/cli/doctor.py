"""`ecshop doctor`: what is installed, set, reachable and permitted, and what to do where it is not."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack

import click

from config.diagnosis import NOTE, OK, WRONG, Finding, mails, settings_in_force, stores
from config.diagnosis_aws import aws
from config.installed import extras
from config.settings import Settings
from config.shop import Shop
from entrypoints.cli.extras import extra
from entrypoints.cli.refusal import Refused
from entrypoints.cli.stores import database_of, topic_of

SICK = 1
"""Exit status where something that the settings pick does not work."""


def examine(settings: Settings, *, as_json: bool) -> None:
    """Look at everything, print it, and end with status 1 where something that the settings pick does not work."""
    looks = {
        "extras": lambda: extras(settings),
        "PostgreSQL": lambda: _stores(settings),
        "mails": lambda: [mails(settings)],
        "DynamoDB": lambda: aws(settings),
        "port": lambda: [_port(settings)],
    }
    needed = {
        "PostgreSQL",
        *(["mails"] if settings.smtp_host else []),
        *(["DynamoDB"] if settings.store == "dynamodb" else []),
    }
    findings = [finding for part, look in looks.items() for finding in _told(part, look, needed=part in needed)]
    works = all(finding.status != WRONG for finding in findings)
    if as_json:
        checks = [finding._asdict() for finding in findings]
        told = {"works": works, "settings": settings_in_force(settings), "checks": checks}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        _print(settings, findings, works=works)
    if not works:
        sys.exit(SICK)


def _told(part: str, look: Callable[[], Iterable[Finding]], *, needed: bool) -> Iterator[Finding]:
    """Give what a look finds, and what keeps it from looking."""
    try:
        yield from look()
    except Refused as refused:
        yield Finding(part, WRONG if needed else NOTE, refused.message)
    except ModuleNotFoundError as error:
        yield Finding(part, WRONG if needed else NOTE, f"cannot be looked at, as {error.name} is not installed")


def _stores(settings: Settings) -> Iterator[Finding]:
    with database_of(settings) as with_database, ExitStack() as broker:
        named, trouble = with_database, ""
        try:
            named = broker.enter_context(topic_of(with_database, needed=False))
        except Refused as refused:
            trouble = refused.message
        yield from stores(Shop(settings=named), trouble)


def _port(settings: Settings) -> Finding:
    with extra("http"):
        from entrypoints.http.server import PortTaken, listen
    try:
        listen(settings.host, settings.port).close()
    except PortTaken as taken:
        return Finding("port", NOTE, f"{taken} A shop that runs already has it.")
    return Finding("port", OK, f"{settings.port} on {settings.host} is free")


def _print(settings: Settings, findings: list[Finding], *, works: bool) -> None:
    click.echo("Settings in force:")
    for variable, shown in settings_in_force(settings).items():
        default = "" if variable.lower() in settings.model_fields_set else "  (default)"
        click.echo(f"  {variable}={shown}{default}")
    click.echo("Looked at:")
    for part, status, said in findings:
        click.echo(f"  {status:<5}  {part:<15} {said}")
    click.echo("The shop works as it is set." if works else "Something that is set does not work: see `wrong` above.")
