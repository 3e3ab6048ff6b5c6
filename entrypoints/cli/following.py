"""Which feed the projectors of a process follow."""

from collections.abc import Iterable

import click

from config.following import follow_feed
from config.shop import Shop


def follow(shop: Shop, projectors: Iterable[str], *, switch: bool) -> None:
    """Have them follow the feed of the settings, and say what was repaired for a switch.

    Raises:
        StoreProblem: one follows another, and is not to be switched.
    """
    repaired = follow_feed(shop, projectors, switch=switch)
    if switch:
        click.echo(f"Reconciled for the feed that is followed from now on: {repaired} streams were repaired.")
