"""`ecshop compare --transport`: real runs, one for each design."""

import sys
from dataclasses import replace
from typing import Any

import click

from entrypoints.cli.naming import names
from entrypoints.cli.refusal import Refused
from entrypoints.comparison.faults import CONSUMERS, DESIGNS
from entrypoints.comparison.real.comparing import compare_really
from entrypoints.comparison.real.conductor import RunFailed
from entrypoints.comparison.real.wish import CARRIED_BY, CannotRun
from entrypoints.comparison.real.wish import Wish as RealWish
from entrypoints.stack.embedded_kafka import EmbeddedKafkaProblem
from entrypoints.stack.embedded_postgres import EmbeddedPostgresProblem
from entrypoints.stack.problem import StackProblem

__all__ = ["RealWish", "really"]

SHOP = "doorbell+reconcile"


def really(transport: str, store: str, wish: RealWish, designs: str | None, consumers: str | None) -> dict[str, Any]:
    """Run each design that was named, or that this transport carries from this store; tell on standard error how far it is.

    Raises:
        Refused: there is no such run, or a server does not start.
    """
    carried = [design for design in DESIGNS if transport in CARRIED_BY.get((store, design), ())]
    chosen = [design for design in names("design", designs, DESIGNS) if designs or design in carried]
    ways = names("consumer", consumers, CONSUMERS) if consumers else [SHOP]
    if not chosen or len(ways) != 1:
        raise Refused(
            f"A real run has one consumer, not {len(ways)}"
            if chosen
            else f"Nothing is carried from {store} by {transport}; there are {_runs()}"
        )
    wish = replace(wish, store=store, transport=transport, consumer=ways[0])
    try:
        return compare_really(wish, chosen, lambda told: click.echo(told, file=sys.stderr))
    except (CannotRun, RunFailed, EmbeddedKafkaProblem, EmbeddedPostgresProblem, StackProblem) as error:
        raise Refused(str(error)) from None


def _runs() -> str:
    return ", ".join(
        f"{store} by {transport}"
        for store, transport in sorted(
            {(store, transport) for (store, _design), transports in CARRIED_BY.items() for transport in transports}
        )
    )
