"""From the verdicts of many schedules to the figures of a cell."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil, sqrt
from typing import Any

Verdict = Mapping[str, Any]

COUNTED = (
    "undelivered",
    "unexplained",
    "lost",
    "lost_orders",
    "lost_not_a_suffix",
    "lost_though_announced",
    "ghosts",
    "ghosts_delivered",
    "duplicates",
    "applied_twice",
    "inversions",
    "torn",
    "torn_stored",
    "divergence",
    "broken_promises",
    "promises_undelivered",
    "done_twice",
    "oversold",
    "failed_though_stored",
    "mails_missing",
    "mails_repeated",
    "mails_ghost",
    "refolds",
    "differences",
)
"""Figures that are added up over schedules."""

FOREVER = float("inf")

QUANTILES = 20
"""Equal parts of the staleness distribution that are told."""


def figures(design: str, consumer: str, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Give a cell as the report and the JSON have it."""
    commands = sum(verdict["commands"] for verdict in verdicts)
    stale = sorted(value for verdict in verdicts for value in verdict["staleness_ms"])
    # One that never heals is beyond any time: where half of them never do, there is no median.
    healed = sorted(FOREVER if verdict["convergence_ms"] is None else verdict["convergence_ms"] for verdict in verdicts)
    requests: Counter[str] = Counter()
    fired: Counter[str] = Counter()
    for verdict in verdicts:
        requests.update(verdict["requests"])
        fired.update(verdict["fired"])
    return {
        "design": design,
        "consumer": consumer,
        "schedules": len(verdicts),
        "commands": commands,
        "events": sum(verdict["events"] for verdict in verdicts),
        **{name: sum(verdict[name] for verdict in verdicts) for name in COUNTED},
        "divergence_peak": max((verdict["divergence_peak"] for verdict in verdicts), default=0),
        "staleness_p50_ms": _rounded(quantile(stale, 0.5)),
        "staleness_p99_ms": _rounded(quantile(stale, 0.99)),
        "staleness_max_ms": _rounded(quantile(stale, 1.0)),
        "convergence_ms": _rounded(quantile(healed, 0.5)),
        "requests_per_command": _rounded(sum(requests.values()) / max(commands, 1)),
        "bytes_per_command": _rounded(sum(verdict["bytes"] for verdict in verdicts) / max(commands, 1)),
        "usd_per_million_commands": _rounded(
            sum(verdict["usd_per_million_commands"] * verdict["commands"] for verdict in verdicts) / max(commands, 1)
        ),
        "faults": dict(sorted(fired.items())),
        "requests": {name: _rounded(count / max(commands, 1)) for name, count in sorted(requests.items())},
        "distributions": {name: _distribution([verdict[name] for verdict in verdicts]) for name in COUNTED},
        "staleness_quantiles_ms": [_rounded(quantile(stale, part / QUANTILES)) for part in range(QUANTILES + 1)],
        "over_time": _over_time([verdict["over_time"] for verdict in verdicts]),
    }


def quantile(ordered: Sequence[float], part: float) -> float | None:
    """Give the value that this part of all is at or below (nearest rank); None of nothing."""
    if not ordered:
        return None
    return ordered[max(ceil(part * len(ordered)) - 1, 0)]


def _distribution(values: Sequence[int]) -> dict[str, float | int | None]:
    """Tell the mean a schedule, and in which share of schedules it is above 0, with the 95 % interval of each."""
    ordered, count = sorted(values), max(len(values), 1)
    mean, above = _mean(values), sum(value > 0 for value in values)
    spread = 1.96 * sqrt(sum((value - mean) ** 2 for value in values) / max(count - 1, 1) / count)
    low, high = wilson(above, count)
    return {
        "mean": _rounded(mean),
        "mean_low": _rounded(max(mean - spread, 0.0)),
        "mean_high": _rounded(mean + spread),
        "p50": quantile(ordered, 0.5),
        "p95": quantile(ordered, 0.95),
        "max": quantile(ordered, 1.0),
        "share": _rounded(above / count),
        "share_low": _rounded(low),
        "share_high": _rounded(high),
    }


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """Give the 95 % interval of a share (E. B. Wilson, 1927), which tells something of 0 hits too."""
    z = 1.96
    share = hits / tries
    middle = share + z * z / (2 * tries)
    spread = z * sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries))
    scale = 1 + z * z / tries
    return max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0)


def _over_time(all_series: Sequence[Sequence[Mapping[str, float]]]) -> list[dict[str, float]]:
    """Give the mean of all schedules at each moment; one that ended goes on as it ended."""
    longest = max((len(series) for series in all_series), default=0)
    return [
        {
            name: _rounded(_mean([series[min(place, len(series) - 1)][name] for series in all_series])) or 0.0
            for name in NAMES
        }
        | {"seconds": max(series[min(place, len(series) - 1)]["seconds"] for series in all_series)}
        for place in range(longest)
    ]


NAMES = ("not_shown", "ghosts", "diverging")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _rounded(value: float | None) -> float | None:
    return None if value is None or value == FOREVER else round(value, 3)
