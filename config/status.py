"""How a shop is right now, part by part: what the store holds, how far its consumers are, what waits for a person."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.backends import open_backends
from config.read_side import open_read_side
from config.section import Look, Section, looked_at, section
from config.settings import Settings
from core.domain.times import instant
from core.ports.environment import Environment
from core.ports.mail_queue import MailQueue
from core.ports.projection_store import ProjectionStore
from core.projections.mails import NOTIFIER
from core.projections.rows import READ_MODELS

__all__ = ["Section", "status"]

MAILS = 5
"""So many of the last."""


def status(settings: Settings, environment: Environment) -> Iterator[Section]:
    """Look at every part that STORE has; one that cannot be looked at is told in a sentence, and the others go on."""
    problems: tuple[type[Exception], ...] = ()
    if settings.store == "dynamodb":
        try:
            from config import status_aws
        except ModuleNotFoundError as error:
            yield Section("AWS", "wrong", f"cannot be looked at, as {error.name} is not installed")
        else:
            problems = status_aws.PROBLEMS
            yield from looked_at(status_aws.looks(settings), problems)
    looks = [Look("database", lambda: _database(settings, environment))]
    # Else those who read Kinesis are told shard by shard.
    if settings.store == "postgres" or settings.carried_by == "kafka":
        looks.append(Look("feed", lambda: [_feed(settings, environment)]))
    if settings.delivery == "outbox":
        looks.append(Look("outbox", lambda: [_outbox(settings, environment)]))
    yield from looked_at(looks, problems)


def _database(settings: Settings, environment: Environment) -> Iterator[Section]:
    read_side = open_read_side(settings, environment)
    try:
        yield from looked_at(
            [
                Look("projectors", lambda: [_projectors(read_side.projections)]),
                Look("parked", lambda: [_parked(read_side.projections)]),
                Look("unreadable", lambda: [_unreadable(read_side.projections)]),
                Look("mails", lambda: [_mails(read_side.mail_queue)]),
            ],
            (),
        )
    finally:
        read_side.pool.close()


def _projectors(projections: Mapping[str, ProjectionStore]) -> Section:
    rows: list[dict[str, Any]] = []
    for name, store in projections.items():
        rows += [
            {"projector": name, "generation": each.number, "status": each.status, "events": store.passed(each.number)}
            for each in store.generations()
        ]
    live = {row["projector"] for row in rows if row["status"] == "live"}
    troubles = [f"{name} has no live generation" for name in (READ_MODELS, NOTIFIER) if name not in live]
    return section("projectors", troubles, rows)


def _feed(settings: Settings, environment: Environment) -> Section:
    from adapters.serialization.codec import JsonCodec

    backends = open_backends(settings, JsonCodec(), environment)
    rows, late = [], []
    try:
        for name in (READ_MODELS, NOTIFIER):
            feed = backends.feed(name)
            behind = round(feed.lag_seconds(), 1)
            is_late = behind > settings.ready_max_lag
            late += [f"{name} is {behind:,} s behind"] if is_late else []
            held_back_by = feed.hindrance() if is_late else ""
            rows.append({"projector": name, "behind_seconds": behind, "held_back_by": held_back_by})
    finally:
        backends.close()
    return section("feed", late, rows)


def _outbox(settings: Settings, environment: Environment) -> Section:
    from adapters.serialization.codec import JsonCodec

    backends = open_backends(settings, JsonCodec(), environment)
    try:
        oldest = backends.outbox.oldest() if backends.outbox else None
        waits = round((environment.now() - oldest).total_seconds(), 1) if oldest else 0.0
        row = {"pending_events": backends.outbox.pending() if backends.outbox else 0, "oldest_waits_seconds": waits}
    finally:
        backends.close()
    late = f"the oldest event waits for {waits:,} s: run `ecshop worker relay`, or look at its log"
    return section("outbox", [late] if waits > settings.ready_max_lag else [], [row])


def _parked(projections: Mapping[str, ProjectionStore]) -> Section:
    rows = [
        {"projector": name, "stream": each.stream, "version": each.version, "error": each.error}
        for name, store in projections.items()
        for each in store.parked_streams()
    ]
    return section("parked", ["see `ecshop dead-letters`"] if rows else [], rows)


def _unreadable(projections: Mapping[str, ProjectionStore]) -> Section:
    rows = [
        {"projector": name, "position": position, "reason": reason}
        for name, store in projections.items()
        for position, reason in store.unreadable_records()
    ]
    return section("unreadable", ["nobody could read these records of the feed"] if rows else [], rows)


def _mails(queue: MailQueue) -> Section:
    rows = [
        {
            "happened_at": instant(each.happened_at),
            "template": each.template,
            "stream": each.stream,
            "status": each.status,
            "recipient": each.recipient,
            "error": each.error,
        }
        for each in queue.mails(MAILS)
    ]
    return section("mails", [], rows)
