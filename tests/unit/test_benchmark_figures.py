"""What the benchmarks say of their figures: medians, ratios above 1 where ours is better, and what missed its target."""

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.figures import Benchmark, Effort, Result, Row, Sides, measure
from benchmarks.report import line, write

DOCUMENT = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text(encoding="utf-8")

COST = Row("cost", "us", target=2.0)
SPEED = Row("speed", "requests/s", target=2.0, more_is_better=True)


@pytest.fixture(autouse=True)
def no_collection_between_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking through all that the tests have loaded takes longer than the tests."""
    monkeypatch.setattr(gc, "collect", lambda: 0)


@pytest.mark.parametrize(
    ("row", "ours", "peer", "ratio", "missed"),
    [
        (COST, (9.0, 1.0, 2.0), (4.0, 4.0, 100.0), 2.0, False),
        (COST, (2.1,), (4.0,), 4.0 / 2.1, True),
        (SPEED, (8.0,), (4.0,), 2.0, False),
        (SPEED, (7.9,), (4.0,), 7.9 / 4.0, True),
        (COST, (1.0,), (), None, True),
        (Row("memory", "bytes"), (1.0,), (), None, False),
    ],
)
def test_medians_are_compared_and_above_1_ours_is_better(
    row: Row, ours: tuple[float, ...], peer: tuple[float, ...], ratio: float | None, *, missed: bool
) -> None:
    result = Result(row, "a peer", ours, peer)

    assert result.ratio == ratio
    assert result.missed is missed
    assert ("!" in line(result)) is missed


def test_both_sides_are_run_in_turn_and_as_often_as_their_benchmark_allows() -> None:
    ran: list[str] = []

    def run(side: str) -> tuple[float]:
        ran.append(side)
        return (float(len(ran)),)

    @contextmanager
    def sides(_effort: Effort) -> Iterator[Sides]:
        yield Sides(lambda: run("ours"), lambda: run("peer"))

    (result,) = measure(Benchmark((COST,), "a peer", sides, most_runs=2), Effort(), 7, lambda _state: None)

    assert ran == ["ours", "peer", "ours", "peer"]
    assert (result.ours_runs, result.peer_runs) == ((1.0, 3.0), (2.0, 4.0))


def test_the_file_has_each_row_with_its_runs(tmp_path: Path) -> None:
    write(tmp_path / "results.json", {"cores": 2}, [Result(COST, "a peer", (1.0, 2.0, 3.0), (4.0, 8.0, 6.0))])

    written = json.loads((tmp_path / "results.json").read_text())
    assert written["environment"] == {"cores": 2}
    (row,) = written["results"]
    assert {key: row[key] for key in ("name", "unit", "ours", "peer", "peer_name", "ratio", "runs")} == {
        "name": "cost",
        "unit": "us",
        "ours": 2.0,
        "peer": 6.0,
        "peer_name": "a peer",
        "ratio": 3.0,
        "runs": 3,
    }


@pytest.mark.parametrize(("ours", "status"), [(1.0, 0), (9.0, 1)])
def test_a_check_fails_below_a_target_and_names_the_row(
    ours: float, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def sides(_effort: Effort) -> Iterator[Sides]:
        yield Sides(lambda: (ours,), lambda: (4.0,))

    monkeypatch.setattr(command, "BENCHMARKS", [Benchmark((COST,), "a peer", sides)])
    monkeypatch.setattr(command, "NAMES", ["cost"])
    monkeypatch.setattr("sys.argv", ["benchmarks", "--check", "--quick"])

    assert command.main() == status

    assert ("cost is 0.44, not 2 or more" in capsys.readouterr().err) is bool(status)


def test_the_document_names_every_row_with_its_target() -> None:
    table = DOCUMENT.partition("\n## Rows\n")[2].partition("\n## ")[0]
    lines = [text.strip("| ").split("|") for text in table.splitlines() if text.startswith("| `")]
    told = {name.strip(" `"): float(target) if target.strip() else None for name, target, _what in lines}

    assert told == {row.name: row.target for benchmark in command.BENCHMARKS for row in benchmark.rows}
