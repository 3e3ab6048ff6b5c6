"""`ecshop mails`: what became of the mails."""

import json
from collections.abc import Sequence
from datetime import datetime

import click

from config.settings import Settings
from core.delivery.projector import AWAY
from core.domain.times import instant
from core.ports.mail_queue import Mail, MailStatus
from entrypoints.cli.refusal import Refused
from entrypoints.cli.stores import durable_shop


def show_mails(settings: Settings, *, status: MailStatus | None, limit: int, as_json: bool) -> None:
    """Print mails, newest first.

    Raises:
        Refused: the shop is in memory, or the database is away.
    """
    with durable_shop(settings) as shop:
        try:
            mails: Sequence[Mail] = shop.mail_queue().mails(limit, status)
        except AWAY as error:
            raise Refused(str(error)) from None
    if as_json:
        click.echo(json.dumps([_plain(mail) for mail in mails], indent=2, ensure_ascii=False))
        return
    for mail in mails:
        to, why = mail.recipient or "-", f": {mail.error}" if mail.error else ""
        click.echo(f"{instant(mail.happened_at)}  {mail.template:<14} {mail.stream}  {mail.status:<12} {to}{why}")
    if not mails:
        click.echo("There are no mails.")


def _plain(mail: Mail) -> dict[str, object]:
    return {name: instant(value) if isinstance(value, datetime) else value for name, value in mail._asdict().items()}
