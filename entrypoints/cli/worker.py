"""`ecshop worker`: one role as a process of its own."""

import sys

import click

from config.settings import Settings
from core.projections.mails import NOTIFIER
from core.projections.rows import READ_MODELS
from entrypoints.cli.following import follow
from entrypoints.cli.refusal import Refused
from entrypoints.cli.signals import stopped_by_signals
from entrypoints.cli.stores import durable_shop
from entrypoints.http.logs import configure_logs
from entrypoints.workers import notify, project, reconcile, relay
from entrypoints.workers.threads import stop

ROLES = {"project": project, "notify": notify, "reconcile": reconcile, "relay": relay}

PROJECTORS = {"project": (READ_MODELS,), "notify": (NOTIFIER,)}
"""The projector of each role that has one."""

LOOK = 0.5
"""Seconds between two looks at whether a thread has died."""


def work(settings: Settings, role: str, *, switch_feed: bool = False) -> None:
    """Go on until Ctrl-C or SIGTERM; end with status 1 where a thread died by itself.

    Raises:
        Refused: the shop is in memory, or its stores cannot be opened; the role has nothing to do by these settings; its projector
            follows another feed and is not to be switched.
    """
    if role == relay.NAME and settings.delivery != "outbox":
        raise Refused(f"Only DELIVERY=outbox has a relay; here it is {settings.delivery}")
    if switch_feed and role not in PROJECTORS:
        raise Refused(f"The role {role} follows no feed: --switch-feed is for {' and '.join(PROJECTORS)}")
    configure_logs(settings.log_level)
    follows = role in PROJECTORS or role == relay.NAME
    with stopped_by_signals() as stopped, durable_shop(settings, follows=follows) as shop:
        follow(shop, PROJECTORS.get(role, ()), switch=switch_feed)
        threads = ROLES[role].threads(shop)
        for thread in threads:
            thread.start()
        click.echo(f"Working: {', '.join(thread.name for thread in threads)}. Ctrl-C stops.")
        while not stopped.wait(LOOK) and not any(thread.died for thread in threads):
            pass
        stop(threads)
        if died := [thread for thread in threads if thread.died]:
            click.echo(f"{died[0].name} died: {died[0].died}.", err=True)
            sys.exit(1)
        click.echo("Stopped; what was begun is done.")
