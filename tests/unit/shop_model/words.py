"""What is asked of the shop, and how it may answer."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

CODES = frozenset(
    {
        "cart_empty",
        "cart_full",
        "idempotency_key_reused",
        "invalid",
        "line_not_found",
        "order_not_cancellable",
        "order_not_found",
        "order_not_payable",
        "order_not_shippable",
        "order_not_yours",
        "out_of_stock",
        "price_changed",
        "product_not_found",
        "product_unavailable",
        "quantity_too_large",
        "stock_too_large",
    }
)
"""Every code that a command may be refused with."""


@dataclass(frozen=True, slots=True)
class Command:
    """What is asked of the shop."""

    name: str
    arguments: Json


@dataclass(frozen=True, slots=True)
class Once:
    """An Idempotency-Key, with what tells one request from another."""

    key: str
    request: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command is refused, and the facts that the refusal must name."""

    code: str
    facts: Json


@dataclass(frozen=True, slots=True)
class Expected:
    """What the answer must be: the `first` one again; else one of the refusals, all of which are true; else it is done.

    Where `either`, a price quoted seconds ago may still be good, so it may be done as well.
    """

    first: Json | None = None
    refusals: tuple[Refusal, ...] = ()
    either: bool = False
