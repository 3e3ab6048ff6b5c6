"""The report as one HTML file that needs nothing else: no network, no script, the same bytes for the same figures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from entrypoints.comparison.faults import applicable
from entrypoints.comparison.report.catalogue import Cell, Figure, groups_of, numbers_of
from entrypoints.comparison.report.charts import charts
from entrypoints.comparison.report.formats import number, percent
from entrypoints.comparison.report.notes import Data, broken_in, must_be_zero, quiet_faults, ran, warnings
from entrypoints.comparison.report.sentences import sentences
from entrypoints.comparison.words import FAULTS_IN_WORDS

HEADLINE = (
    *("lost_orders", "lost", "ghosts", "applied_twice", "divergence", "broken_promises"),
    *("oversold", "failed_though_stored", "mails_missing", "mails_ghost"),
)
"""Figures of the first table."""


class Shown(NamedTuple):
    """A figure of a cell: its exact value, how it reads, how often it is above 0, and whether it is zero, kept or broken."""

    figure: Figure
    exact: float | None
    reads: str
    often: str
    state: str


class Verdict(NamedTuple):
    """A cell of the first table: what to say of it, how good that is, and its figures."""

    consumer: str
    words: str
    state: str
    figures: Sequence[Shown]


def page(data: Data, made: str = "") -> str:
    """Give the whole file. `made` says when and where, if that is to be in it: nothing else here knows the time."""
    jinja = Environment(
        loader=PackageLoader("entrypoints.comparison.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    cells = data["cells"]
    groups = groups_of(cells)
    figures = {figure.name: figure for group in groups for figure in group.figures}
    designs = list(dict.fromkeys(cell["design"] for cell in cells))
    return jinja.get_template("report.html").render(
        made=made,
        ran=ran(data),
        sentences=sentences(data),
        warnings=warnings(data),
        quiet_faults=quiet_faults(data),
        command=data.get("command"),
        again="The same run again; its times will differ:"
        if "seconds" in data
        else "The same run again, to the same figures:",
        consumers=list(dict.fromkeys(cell["consumer"] for cell in cells)),
        verdicts=[
            (design, [_verdict(data, cell, figures) for cell in cells if cell["design"] == design])
            for design in designs
        ],
        tables=[(design, _tables(data, [cell for cell in cells if cell["design"] == design])) for design in designs],
        charts=charts(cells),
        lost_order=_lost_order(data.get("lost_order")),
        faults=_faults(data),
        groups=groups,
    )


def _verdict(data: Data, cell: Cell, figures: Mapping[str, Figure]) -> Verdict:
    found = [words for name, words in (("lost", "loses events"), ("ghosts", "shows ghosts")) if cell[name]]
    if not found and cell["divergence"]:
        found = ["leaves rows wrong"]
    words, state = (" and ".join(found), "bad") if found else ("rows right in the end", "good")
    if not found and (cell["oversold"] or cell["torn_stored"]):
        words, state = "rows right, orders torn", "mixed"
    if broken_in(data, cell):
        words, state = "broke what it must keep", "broken"
    shown = [_shown(data, cell, figures[name]) for name in HEADLINE if name in figures]
    return Verdict(cell["consumer"], words, state, shown)


def _shown(data: Data, cell: Cell, figure: Figure) -> Shown:
    value = numbers_of(cell).get(figure.name)
    if figure.name in broken_in(data, cell):
        state = "broken"
    elif value:
        state = "some"
    else:
        state = "kept" if figure.name in must_be_zero(cell) else "zero"
    return Shown(figure, value, number(value, figure.unit), _often(cell, figure.name), state)


def _often(cell: Cell, name: str) -> str:
    """Say in which share of schedules the figure is above 0, with its 95 % interval; nothing of a figure that is not counted."""
    share = cell.get("distributions", {}).get(name)
    if share is None or cell["schedules"] == 1:
        return ""
    return f"{percent(share['share'])} ({share['share_low'] * 100:.0f}–{share['share_high'] * 100:.0f})"


def _tables(data: Data, cells: Sequence[Cell]) -> Any:  # noqa: ANN401 - nested rows for the template
    return {
        "consumers": [cell["consumer"] for cell in cells],
        "groups": [
            (group.title, [(figure, [_shown(data, cell, figure) for cell in cells]) for figure in group.figures])
            for group in groups_of(data["cells"])
        ],
    }


class Fired(NamedTuple):
    """A fault: what it is, how often it fired in all, that as a share of the most frequent one, and how likely it was."""

    name: str
    words: str
    times: int
    part: float
    rate: float


def _faults(data: Data) -> list[Fired]:
    """Give each fault that fired, or that one of the cells can have and was wished for."""
    fired = data["faults"]
    most = max(fired.values(), default=0) or 1
    possible = {name for cell in data["cells"] for name in applicable(cell["design"], cell["consumer"])}
    wanted: Iterable[str] = {*fired, *(name for name, rate in data["rates"].items() if rate and name in possible)}
    return [
        Fired(
            name, FAULTS_IN_WORDS.get(name, ""), times := fired.get(name, 0), times / most, data["rates"].get(name, 0.0)
        )
        for name in sorted(wanted)
    ]


def _lost_order(order: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Give the timeline with a lane for each who takes part, numbered in the order of appearance."""
    if order is None:
        return None
    lanes = list(dict.fromkeys(step["who"] for step in order["steps"]))
    steps = [
        {
            "at": f"{step['ms'] / 1000:,.3f} s",
            "who": step["who"],
            "lane": lanes.index(step["who"]),
            "what": step["what"],
        }
        for step in order["steps"]
    ]
    return {**order, "lanes": lanes, "steps": steps}
