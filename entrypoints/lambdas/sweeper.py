"""The function that schedules call: it finds what the feed lost, and sends the mails that could not be sent when they were queued."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from config.shop import Shop
from core.delivery.reconcile import Report
from core.delivery.upkeep import RECENT
from entrypoints.lambdas.batches import Context, Event
from entrypoints.lambdas.parts import shop_of_function
from entrypoints.lambdas.sending import send_what_is_due
from entrypoints.lambdas.telling import configure_logs, tell_metrics

RESERVE = 180_000
"""Milliseconds before the end of an invocation from which on no part of a sweep is begun."""

_log = logging.getLogger("ecshop.lambda")


@cache
def _shop() -> Shop:
    shop = shop_of_function()
    configure_logs(shop.settings().log_level)
    return shop


def handler(event: Event, context: Context) -> dict[str, Any]:
    """Do the task that `event` names, as `{"task": "reconcile-recent"}`; give what was found, by projector.

    `reconcile-recent` looks at the streams that changed lately. `reconcile-all` goes on with the look at all of them, or begins one where
    the last began `days` ago (1 where it is not given). `mails` sends what is due. Each may be called as often as one likes.

    Raises:
        ValueError: there is no such task.
        ProjectionUnavailable, StoreUnavailable: the next call does the same.
    """
    task = TASKS.get(str(event.get("task")))
    if task is None:
        raise ValueError(f"The event must name a task, one of {', '.join(TASKS)}, not {event.get('task')!r}.")
    return task(_shop(), event, context)


def _recent(shop: Shop, _event: Event, context: Context) -> dict[str, Any]:
    found = {}
    for role in (shop.read_models, shop.notifier):
        report = role.reconcile().look(recent=RECENT)
        role.reconcile().repair(report)
        found[role.name()] = _told(role, report)
    send_what_is_due(shop, context)
    return found


def _all(shop: Shop, event: Event, context: Context) -> dict[str, Any]:
    every = timedelta(days=event.get("days", 1))

    def in_time() -> bool:
        return context.get_remaining_time_in_millis() > RESERVE

    found = {role.name(): _swept(role, every, in_time) for role in (shop.read_models, shop.notifier)}
    send_what_is_due(shop, context)
    return found


def _swept(role: Any, every: timedelta, in_time: Callable[[], bool]) -> dict[str, int | bool]:  # noqa: ANN401 - as below
    differences = 0

    def tell(report: Report) -> None:
        nonlocal differences
        differences += _told(role, report)["differences"]

    return {"done": role.sweep().go_on(every, in_time, tell), "differences": differences}


def _mails(shop: Shop, _event: Event, context: Context) -> dict[str, Any]:
    before = shop.sender().counts.copy()
    send_what_is_due(shop, context)
    return dict(shop.sender().counts - before)


def _told(role: Any, report: Report) -> dict[str, int]:  # noqa: ANN401 - a container's parts are typed by their ports
    for stream, kind, cursor, head in report.differences:
        _log.warning(
            "%s: %s is %s, at version %d where the store has %d",
            role.name(),
            stream,
            kind,
            cursor.version,
            head.version,
        )
    parked = len(role.projections().parked_streams())
    differences = len(report.differences)
    tell_metrics(role.name(), {"ReconcileDifferences": differences, "ParkedStreams": parked}, role.environment().now())
    return {"looked_at": report.looked_at, "differences": differences, "parked": parked}


TASKS: Mapping[str, Callable[[Shop, Event, Context], dict[str, Any]]] = {
    "reconcile-recent": _recent,
    "reconcile-all": _all,
    "mails": _mails,
}
