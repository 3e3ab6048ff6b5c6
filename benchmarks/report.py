"""The figures for people and for programs."""

import json
from collections.abc import Iterable
from pathlib import Path

from benchmarks.figures import Result

HEADING = f"{'benchmark':32}{'ours':>12}{'peer':>12} {'unit':12}{'ratio':>8}  {'target':9} peer"


def line(result: Result) -> str:
    """Write one line of the table; a ratio above 1 says that ours is better."""
    target = "" if result.row.target is None else f">= {result.row.target:g}{' !' if result.missed else ''}"
    peer = "-" if result.peer is None else _figure(result.peer)
    ratio = "-" if result.ratio is None else f"{result.ratio:.2f}"
    return f"{result.row.name:32}{_figure(result.ours):>12}{peer:>12} {result.row.unit:12}{ratio:>8}  {target:9} {result.peer_name}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 1000 else f"{value:,.2f}"


def write(path: Path, environment: dict[str, object], results: Iterable[Result]) -> None:
    """Write results.json; `runs` counts those of each side, whose figures stand beside it."""
    rows = [
        {
            "name": result.row.name,
            "unit": result.row.unit,
            "ours": result.ours,
            "peer": result.peer,
            "peer_name": result.peer_name,
            "ratio": result.ratio,
            "runs": len(result.ours_runs),
            "ours_runs": result.ours_runs,
            "peer_runs": result.peer_runs,
            "target": result.row.target,
        }
        for result in results
    ]
    path.write_text(json.dumps({"environment": environment, "results": rows}, indent=2, ensure_ascii=False) + "\n")
