"""What each cell must show: the table of `docs/delivery.md`."""

from collections.abc import Mapping
from typing import NamedTuple


class Expectation(NamedTuple):
    """Figures that are 0 in every schedule, and figures that are above 0 somewhere in a run."""

    zero: tuple[str, ...]
    seen: tuple[str, ...]


PROMISES = ("promises_undelivered",)
"""What dual-write never does: what it does not publish was answered as an error."""

HEALED = ("lost", "ghosts", "divergence", "broken_promises", "applied_twice", "differences")
ATOMIC = (*HEALED, "unexplained", "torn_stored", "oversold", "mails_missing", "done_twice", "lost_though_announced")
TOLD = ("applied_twice", "lost_not_a_suffix", "lost_though_announced")
"""A doorbell is enough: what a projector could know of is in its rows."""

ORDERED = ("inversions",)
"""The relay's first deliveries of a stream are in version order."""


EXPECTED: Mapping[tuple[str, str], Expectation] = {
    ("dual-write", "naive"): Expectation(PROMISES, ("lost", "applied_twice", "inversions", "divergence")),
    ("dual-write", "cursor"): Expectation((*PROMISES, "applied_twice"), ("lost", "divergence")),
    ("dual-write", "doorbell"): Expectation((*PROMISES, *TOLD), ("lost",)),
    ("dual-write", "doorbell+reconcile"): Expectation(
        (*HEALED, *PROMISES), ("undelivered", "unexplained", "failed_though_stored", "torn_stored", "oversold")
    ),
    ("publish-first", "naive"): Expectation((), ("ghosts", "ghosts_delivered", "mails_ghost")),
    ("publish-first", "cursor"): Expectation((), ("ghosts", "lost")),
    ("publish-first", "doorbell"): Expectation(("applied_twice",), ("ghosts", "refolds")),
    # Mails for ghosts are 0 here: the shop's sender reads each order from the store before it writes to anybody.
    ("publish-first", "doorbell+reconcile"): Expectation((*HEALED, "mails_ghost"), ("ghosts_delivered", "torn_stored")),
    ("cdc", "naive"): Expectation((), ("applied_twice", "divergence", "lost")),
    ("cdc", "cursor"): Expectation(("applied_twice",), ("lost", "inversions")),
    ("cdc", "doorbell"): Expectation(TOLD, ("lost",)),
    ("cdc", "doorbell+reconcile"): Expectation(ATOMIC, ("undelivered",)),
    ("outbox", "naive"): Expectation(ORDERED, ("applied_twice", "divergence")),
    ("outbox", "cursor"): Expectation((*ORDERED, "applied_twice"), ("lost",)),
    ("outbox", "doorbell"): Expectation((*TOLD, *ORDERED), ("lost",)),
    ("outbox", "doorbell+reconcile"): Expectation((*ATOMIC, *ORDERED), ("undelivered",)),
}
