"""`ecshop compare --transport`: real runs, one for each design and consumer."""

import sys
from dataclasses import replace
from typing import Any

import click

from entrypoints.cli.naming import names
from entrypoints.cli.refusal import Refused
from entrypoints.comparison.faults import CONSUMERS, DESIGNS
from entrypoints.comparison.real.comparing import FAILURES, compare_really
from entrypoints.comparison.real.wish import CARRIED_BY, CannotRun
from entrypoints.comparison.real.wish import Wish as RealWish

__all__ = ["RealWish", "really"]

SHOP = "doorbell+reconcile"


def really(transport: str, store: str, wish: RealWish, designs: str | None, consumers: str | None) -> dict[str, Any]:
    """Run each design that was named, or that this transport carries from this store, with each consumer that was named, or the shop's own.

    How far it is, is told on standard error.

    Raises:
        Refused: there is no such run, or a server does not start.
    """
    carried = [design for design in DESIGNS if transport in CARRIED_BY.get((store, design), ())]
    chosen = [design for design in names("design", designs, DESIGNS) if designs is not None or design in carried]
    ways = names("consumer", consumers, CONSUMERS) if consumers is not None else [SHOP]
    if not chosen:
        raise Refused(f"Nothing is carried from {store} by {transport}; there are {_runs()}")
    wishes = [
        replace(wish, store=store, transport=transport, design=design, consumer=way)
        for design in chosen
        for way in ways
    ]
    try:
        return compare_really(wishes, lambda told: click.echo(told, file=sys.stderr))
    except (CannotRun, *FAILURES) as error:
        raise Refused(str(error)) from None


def _runs() -> str:
    return ", ".join(
        f"{store} by {transport}"
        for store, transport in sorted(
            {(store, transport) for (store, _design), transports in CARRIED_BY.items() for transport in transports}
        )
    )
