"""The clean-up of a real run, in the order of `docs/delivery.md`, and what is then read of its stores. Nothing goes wrong any more."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from config.raw_stores import Raw
from core.delivery.projector import AWAY
from core.ports.event_publisher import PublishFailed
from core.ports.event_store import StoreUnavailable
from entrypoints.comparison.oracle import diverging
from entrypoints.comparison.real.job import PROJECTORS
from entrypoints.comparison.real.journal import Journal
from entrypoints.comparison.real.parts import Parts

QUIET = 6.0
"""Seconds without a record after which no more come: longer than the leases and memberships of killed processes last."""

LOOK_AGAIN = 0.2
"""Seconds."""

PATIENCE = 180.0
"""Seconds that one part of the clean-up may take."""

Tell = Callable[[str], object]


class CleanUpStuck(Exception):
    """A part of the clean-up does not come to an end; the text is a sentence."""


def clean_up(parts: Parts, raw: Raw, journal: Journal, tell: Tell) -> dict[str, Any]:
    """Bring everything that can still come, then read what the stores have."""
    if parts.job.design == "outbox":
        tell("relaying what is still marked")
        _relay(parts)
    tell("consuming what is still on its way")
    _consume(parts)
    look(raw, journal)
    if parts.job.consumer.startswith("doorbell"):
        tell("redriving parked streams")
        _redrive(parts)
    if parts.job.consumer == "doorbell+reconcile":
        tell("reconciling")
        _repair(parts)
    if parts.job.consumer != "naive":
        tell("sending the last mails")
        _send(parts)
    look(raw, journal)
    differences = 0
    if parts.job.consumer == "doorbell+reconcile":
        tell("comparing every row")
        differences = sum(len(parts.reconcile(name).look(deep=True).differences) for name in PROJECTORS)
    return {
        "events": raw.events(),
        "rows": raw.rows(),
        "folded": {name: parts.adapters.audits[name].folded() for name in parts.audited},
        "seen": parts.adapters.audits[PROJECTORS[0]].seen(),
        "differences": differences,
    }


def look(raw: Raw, journal: Journal) -> None:
    """Note how many rows are not the fold of their events, where the stores can be read now."""
    try:
        journal.note("divergence", len(diverging(raw.events(), raw.rows())))
    except OSError:
        return


def _until(done: Callable[[], bool], what: str) -> None:
    """Go on until it is done; what is away comes back."""
    deadline, trouble = time.monotonic() + PATIENCE, "there is always more"
    while True:
        try:
            if done():
                return
        except (*AWAY, PublishFailed, StoreUnavailable) as error:
            trouble = f"{type(error).__name__}: {error}"
            time.sleep(LOOK_AGAIN)
        if time.monotonic() > deadline:
            raise CleanUpStuck(f"The clean-up could not {what} within {PATIENCE:.0f} s ({trouble}).")


def _relay(parts: Parts) -> None:
    relay, outbox = parts.relay(), parts.adapters.outbox
    # A step may find nothing though marks are left: an index is late, or a stream is still another's.
    _until(lambda: not relay.step() and (outbox is None or not outbox.pending()), "relay everything")


def _consume(parts: Parts) -> None:
    projectors = [parts.projector(name, parts.feed(name)) for name in PROJECTORS]
    last = time.monotonic()

    def quiet() -> bool:
        nonlocal last
        try:
            worked = [projector.step() for projector in projectors]
        except AWAY:
            last = time.monotonic()
            raise
        if any(worked):
            last = time.monotonic()
        time.sleep(LOOK_AGAIN)
        return time.monotonic() - last > QUIET

    _until(quiet, "read everything")


def _redrive(parts: Parts) -> None:
    for name in PROJECTORS:
        consumer = parts.handler(name)
        for parked in parts.adapters.projections[name].parked_streams():
            consumer.redrive(parked.stream)


def _repair(parts: Parts) -> None:
    """Reconcile; after publish-first, whose ghosts may have left right rows by luck, make every row anew first."""
    for name in PROJECTORS:
        if parts.job.design == "publish-first":
            consumer = parts.handler(name)
            for head in parts.adapters.events.heads():
                consumer.refold(head.stream)
        reconcile = parts.reconcile(name)
        reconcile.repair(reconcile.look())


def _send(parts: Parts) -> None:
    """Send until no mail is left. The clock goes ahead to where those fall due that a killed sender leased, or that were put back."""
    ahead = timedelta()
    environment = replace(parts.environment, now=lambda: datetime.now(UTC) + ahead)
    sender, queue = parts.sender(environment), parts.adapters.mail_queue

    def done() -> bool:
        nonlocal ahead
        if sender.step():
            return False
        due = [mail.due_at for status in ("pending", "sending") for mail in queue.mails(1000, status) if mail.due_at]
        if due:
            ahead = max(min(due) - datetime.now(UTC), ahead) + timedelta(milliseconds=1)
        return not due

    _until(done, "send every mail")
