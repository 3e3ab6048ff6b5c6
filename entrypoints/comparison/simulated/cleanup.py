"""The clean-up before anything is judged, in the order of `docs/delivery.md`. Nothing goes wrong any more, and no process runs."""

from collections.abc import Callable

from entrypoints.comparison.simulated.cell import PROJECTORS, Cell
from entrypoints.comparison.simulated.workers import Workers

GIVE_UP = 100_000
"""Rounds after which it does not come to an end: a bug of ours."""


def clean_up(cell: Cell, workers: Workers, look: Callable[[], object]) -> int:
    """Bring everything that can still come; `look` is called where rows may have come right. Give how many rows then still differ.

    Only `doorbell+reconcile` promises that none does, and only it is looked at.
    """
    workers.bug.fixed = True
    if cell.design == "outbox":
        _until_quiet(workers.relay().step)
    for name in PROJECTORS:
        cell.feeds[name].release()
        _until_quiet(workers.projector(name).step)
    look()
    if cell.consumer.startswith("doorbell"):
        _redrive(cell, workers)
        look()
    if cell.consumer == "doorbell+reconcile":
        _repair(cell, workers)
        look()
    if cell.consumer != "naive":
        _send(cell, workers)
    if cell.consumer != "doorbell+reconcile":
        return 0
    return sum(len(workers.reconcile(name).look(deep=True).differences) for name in PROJECTORS)


def _redrive(cell: Cell, workers: Workers) -> None:
    for name in PROJECTORS:
        consumer = workers.handler(name)
        for parked in cell.adapters.projections[name].parked_streams():
            consumer.redrive(parked.stream)


def _repair(cell: Cell, workers: Workers) -> None:
    """Reconcile; after publish-first, whose ghosts may have left right rows by luck, make every row anew first."""
    for name in PROJECTORS:
        if cell.design == "publish-first":
            consumer = workers.handler(name)
            for head in cell.adapters.events.heads():
                consumer.refold(head.stream)
        reconcile = workers.reconcile(name)
        reconcile.repair(reconcile.look())


def _send(cell: Cell, workers: Workers) -> None:
    """Send until no mail is left; those that a dead sender leased, or that were put back, fall due as time goes by."""
    sender, queue = workers.sender(), cell.adapters.mail_queue

    def step() -> bool:
        if sender.step():
            return True
        waiting = [mail.due_at for status in ("pending", "sending") for mail in queue.mails(1000, status)]
        due = [at for at in waiting if at]
        if due:
            cell.scheduler.sleep(max((min(due) - cell.scheduler.now()).total_seconds(), 0.001))
        return bool(due)

    _until_quiet(step)


def _until_quiet(step: Callable[[], object]) -> None:
    for _ in range(GIVE_UP):
        if not step():
            return
    raise AssertionError("the clean-up does not come to an end")
