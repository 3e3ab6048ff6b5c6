"""The judge. It knows nothing of the shop's code: it folds events with its own few lines, and compares."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from entrypoints.comparison.folding import Event, diverging, folded

if TYPE_CHECKING:
    from entrypoints.comparison.evidence import Evidence

__all__ = ["diverging", "folded", "judge", "over_time"]

DELIVERED = (
    "undelivered",
    "unexplained",
    "duplicates",
    "inversions",
    "ghosts_delivered",
    "torn",
    "lost",
    "lost_not_a_suffix",
    "lost_though_announced",
    "ghosts",
    "applied_twice",
    "torn_stored",
)
"""Figures about what was handed over and folded."""

MAILED = {"OrderPlaced", "OrderPaid", "OrderShipped", "OrderCancelled"}


def judge(evidence: "Evidence") -> dict[str, Any]:
    """Give every figure of `docs/delivery.md` for one run."""
    ids = {event["id"] for event in evidence.events}
    figures = _delivered(evidence, ids) | _promised(evidence, ids) | _mailed(evidence, ids)
    divergence = [found for _at, found in evidence.divergence]
    healed_at = next((at for at, found in evidence.divergence if at >= evidence.faults_ended_at and not found), None)
    staleness = sorted(
        max(evidence.visible_at[each] - at, 0.0) * 1000
        for each, at in evidence.committed_at.items()
        if each in ids and each in evidence.visible_at
    )
    return figures | {
        "events": len(ids),
        "divergence": len(diverging(evidence.events, evidence.rows)),
        "divergence_peak": max(divergence, default=0),
        "oversold": _oversold(evidence.events),
        "staleness_ms": staleness,
        "convergence_ms": None if healed_at is None else (healed_at - evidence.faults_ended_at) * 1000,
        "differences": evidence.differences,
        "commands": evidence.commands,
        "bytes": sum(len(str(event["data"])) for event in evidence.events),
        "refolds": evidence.refolds,
    }


def over_time(evidence: "Evidence", every: float = 2.0) -> list[dict[str, float]]:
    """Give, each `every` seconds, how many stored events no row has folded yet, how many ghosts some row has, and how many rows diverge.

    Some `MOMENTS` are told at most, from the beginning on.
    """
    ids = {event["id"] for event in evidence.events}
    end = max([evidence.faults_ended_at, *evidence.visible_at.values()], default=0.0)
    moments = [place * every for place in range(min(int(end / every), MOMENTS) + 2)]
    return [
        {
            "seconds": at,
            "not_shown": sum(
                committed <= at < evidence.visible_at.get(each, FOREVER)
                for each, committed in evidence.committed_at.items()
                if each in ids
            ),
            "ghosts": sum(seen <= at for each, seen in evidence.visible_at.items() if each not in ids),
            "diverging": next((found for seen, found in reversed(evidence.divergence) if seen <= at), 0),
        }
        for at in moments
    ]


MOMENTS = 120

FOREVER = float("inf")
"""Seconds."""


def _delivered(evidence: "Evidence", ids: set[str]) -> dict[str, int]:
    figures: Counter[str] = Counter()
    ghosts, torn = set[str](), set[int]()
    for projector, handed in evidence.handed.items():
        first = dict.fromkeys(event_id for _stream, _version, event_id in handed)
        missed = ids - first.keys()
        figures["undelivered"] += len(missed)
        figures["unexplained"] += len(missed - evidence.excused[projector])
        figures["duplicates"] += len(handed) - len(first)
        # Of one whose first record was taken away, nobody can tell in which order it came.
        figures["inversions"] += _inversions([each for each in handed if each[2] not in evidence.excused[projector]])
        ghosts |= first.keys() - ids
        torn |= {place for place, commit in enumerate(evidence.commits) if 0 < _within(commit, first) < len(commit)}
    figures["ghosts_delivered"], figures["torn"] = len(ghosts), len(torn)
    for projector, streams in evidence.folded.items():
        entries = [event_id for stream in streams.values() for event_id in stream]
        figures["lost"] += len(ids - set(entries))
        known = evidence.announced.get(projector, set()) - evidence.excused[projector]
        figures["lost_though_announced"] += len((ids & known) - set(entries))
        figures["lost_not_a_suffix"] += _holes(evidence.events, set(entries))
        figures["ghosts"] += len(set(entries) - ids)
        figures["applied_twice"] += len(entries) - len(set(entries))
    figures["torn_stored"] = sum(0 < _within(commit, ids) < len(commit) for commit in evidence.commits)
    return {name: figures[name] for name in DELIVERED}


def _inversions(handed: Sequence[tuple[str, int, str]]) -> int:
    """Count pairs of first deliveries of one stream that came out of version order: Kendall's tau distance."""
    firsts: dict[str, dict[str, int]] = defaultdict(dict)
    for stream, version, event_id in handed:
        firsts[stream].setdefault(event_id, version)
    return sum(
        before > after
        for versions in (list(each.values()) for each in firsts.values())
        for place, before in enumerate(versions)
        for after in versions[place + 1 :]
    )


def _holes(events: Iterable[Event], entries: set[str]) -> int:
    """Count lost events that a later event of their stream outlived."""
    last = {event["stream"]: 0 for event in events}
    for event in events:
        if event["id"] in entries:
            last[event["stream"]] = max(last[event["stream"]], event["version"])
    return sum(event["id"] not in entries and event["version"] < last[event["stream"]] for event in events)


def _within(commit: Iterable[str], ids: Any) -> int:  # noqa: ANN401 - a set, or the keys of a dictionary
    return sum(event_id in ids for event_id in commit)


def _promised(evidence: "Evidence", ids: set[str]) -> dict[str, int]:
    seen = [{each for stream in streams.values() for each in stream} for streams in evidence.folded.values()]
    broken = sum(
        any(event_id not in ids or any(event_id not in each for each in seen) for event_id in told)
        for told in evidence.told
    )
    # Of these, the ones that no consumer could keep: an event that is stored was never handed over, and no fault of the transport took it.
    never = [
        {each for each in ids if each not in evidence.excused[projector]}.difference(each for *_, each in handed)
        for projector, handed in evidence.handed.items()
    ]
    stored = {(event["type"], event["stream"]) for event in evidence.events}
    broken += sum(effect not in stored for effect in evidence.done)
    undelivered = sum(any(event_id in each for event_id in told for each in never) for told in evidence.told)
    return {
        "broken_promises": broken,
        "promises_undelivered": undelivered,
        "done_twice": sum(sum(_within(ids_of, ids) > 0 for ids_of in each) > 1 for each in evidence.attempts),
        "failed_though_stored": sum(_within(refused, ids) > 0 for refused in evidence.refused),
        "lost_orders": _lost_orders(evidence),
    }


def _lost_orders(evidence: "Evidence") -> int:
    """Count orders that are stored and never shown."""
    return sum(event["type"] == "OrderPlaced" and event["stream"] not in evidence.rows for event in evidence.events)


def _oversold(events: Iterable[Event]) -> int:
    """Count units of orders, not cancelled, beyond the stock that ever was added."""
    added: Counter[str] = Counter()
    ordered: Counter[str] = Counter()
    cancelled = {event["stream"] for event in events if event["type"] == "OrderCancelled"}
    for event in events:
        if event["type"] == "StockAdded":
            added[event["data"]["product_id"]] += event["data"]["quantity"]
        elif event["type"] == "OrderPlaced" and event["stream"] not in cancelled:
            for item in event["data"]["items"]:
                ordered[item["product_id"]] += item["quantity"]
    return sum(max(units - added[product], 0) for product, units in ordered.items())


def _mailed(evidence: "Evidence", ids: set[str]) -> dict[str, int]:
    wanted = {event["id"] for event in evidence.events if event["type"] in MAILED}
    sent = Counter(evidence.sent)
    return {
        "mails_missing": len(wanted - sent.keys()),
        "mails_repeated": sum(times - 1 for times in sent.values()),
        "mails_ghost": len(sent.keys() - ids),
    }
