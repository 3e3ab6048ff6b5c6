"""The judge. It knows nothing of the shop's code: it folds events with its own few lines, and compares."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from entrypoints.comparison.evidence import Evidence

Event = Mapping[str, Any]
Row = dict[str, Any]

MAILED = {"OrderPlaced", "OrderPaid", "OrderShipped", "OrderCancelled"}


def folded(events: Iterable[Event]) -> dict[str, Row]:
    """Give what each stream's row should say of it, by its events in version order."""
    rows: dict[str, Row] = {}
    for event in sorted(events, key=lambda event: (event["stream"], event["version"])):
        kind, data = event["type"], event["data"]
        row = rows.setdefault(event["stream"], {})
        if kind == "ProductCreated":
            row |= {"name": data["name"], "price": data["price"], "deleted": False}
        elif kind == "ProductUpdated":
            row |= {"name": data["name"], "price": data["price"]}
        elif kind == "StockAdded":
            row["total"] = row.get("total", 0) + data["quantity"]
        elif kind in {"StockReserved", "StockReleased", "StockDeducted"}:
            row["reserved"] = row.get("reserved", 0) + (1 if kind == "StockReserved" else -1) * data["quantity"]
            row["total"] = row.get("total", 0) - (data["quantity"] if kind == "StockDeducted" else 0)
        elif kind == "ItemAddedToCart":
            row[data["product_id"]] = row.get(data["product_id"], 0) + data["quantity"]
        elif kind == "CartCleared":
            row.clear()
        elif kind == "OrderPlaced":
            row |= {"status": "pending", "units": sum(item["quantity"] for item in data["items"])}
        elif kind.startswith("Order"):
            row["status"] = kind.removeprefix("Order").lower()
    return rows


def shown(stream: str, row: Row) -> Row:
    """Give the same facts of a row of the read model."""
    if stream.startswith("cart-"):
        return {product: line["quantity"] for product, line in row["lines"].items()}
    if stream.startswith("inventory-"):
        return {"total": row["total"], "reserved": row["reserved"]}
    if "items" in row:
        return {"status": row["status"], "units": sum(item["quantity"] for item in row["items"])}
    return {"name": row["name"], "price": row["price"]}


def diverging(events: Iterable[Event], rows: Mapping[str, Row]) -> list[str]:
    """Name the streams whose rows are not the fold of their events, those that should have no row too."""
    wanted = folded(events)
    return [
        stream
        for stream in sorted(wanted.keys() | rows.keys())
        if stream not in rows or stream not in wanted or not _same(shown(stream, rows[stream]), wanted[stream])
    ]


def _same(row: Row, wanted: Row) -> bool:
    return all(row.get(name, 0) == wanted.get(name, 0) for name in (row.keys() | wanted.keys()) - {"deleted"})


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
    """Give, each `every` seconds, how many stored events no row has folded yet, how many ghosts some row has, and how many rows diverge."""
    ids = {event["id"] for event in evidence.events}
    end = max([evidence.faults_ended_at, *evidence.visible_at.values()], default=0.0)
    moments = [place * every for place in range(int(min(end, LONGEST) / every) + 2)]
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


LONGEST, FOREVER = 240.0, float("inf")
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
        figures["inversions"] += _inversions(handed)
        ghosts |= first.keys() - ids
        torn |= {place for place, commit in enumerate(evidence.commits) if 0 < _within(commit, first) < len(commit)}
    figures["ghosts_delivered"], figures["torn"] = len(ghosts), len(torn)
    for streams in evidence.folded.values():
        entries = [event_id for stream in streams.values() for event_id in stream]
        figures["lost"] += len(ids - set(entries))
        figures["lost_not_a_suffix"] += _holes(evidence.events, set(entries))
        figures["ghosts"] += len(set(entries) - ids)
        figures["applied_twice"] += len(entries) - len(set(entries))
    figures["torn_stored"] = sum(0 < _within(commit, ids) < len(commit) for commit in evidence.commits)
    names = ("undelivered", "unexplained", "duplicates", "inversions", "ghosts_delivered", "torn", "lost")
    return {name: figures[name] for name in (*names, "lost_not_a_suffix", "ghosts", "applied_twice", "torn_stored")}


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
    return {
        "broken_promises": broken,
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
