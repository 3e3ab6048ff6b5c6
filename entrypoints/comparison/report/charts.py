"""The charts of the report, each a few panels of one size and one scale."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from entrypoints.comparison.report import svg
from entrypoints.comparison.report.catalogue import Cell
from entrypoints.comparison.report.formats import duration, number

KNOWN = ("cdc", "dual-write", "outbox", "publish-first")
ROW = 38
"""User units of a cell's row: its words above, its mark below."""

KINDS = ("read", "write", "publish")
WRITES = frozenset({"store.commit", "snapshots.save"})


class Chart(NamedTuple):
    """A chart: what it answers, how it is read, its key as (class, words), and its panels."""

    title: str
    reading: str
    key: Sequence[tuple[str, str]]
    panels: Sequence[Markup]


def charts(cells: Sequence[Cell]) -> list[Chart]:
    """Give those that these cells have the figures for."""
    made = [
        over_time(
            cells,
            "not_shown",
            "Stored and not yet shown",
            "Events in the store and in no row yet, on average over the schedules. A line that does not come down to zero is loss.",
        ),
        over_time(
            cells,
            "ghosts",
            "Ghosts: shown and never stored",
            "Events that some row has folded although the store does not have them, on average over the schedules. "
            "One that a refold takes back later stays counted: somebody may have seen it.",
        ),
        over_time(
            cells,
            "diverging",
            "Wrong rows, until healed",
            "Rows that do not say what their events say, on average over the schedules. Faults strike up to the end of the commands, "
            "and what is left then is for the consumer to heal, and for the reconcile. The dot at the right: after the clean-up.",
            final="divergence",
        ),
        staleness(cells),
        requests(cells),
        cost(cells),
    ]
    return [chart for chart in made if chart.panels]


def over_time(cells: Sequence[Cell], name: str, title: str, reading: str, final: str = "") -> Chart:
    """Draw a mean over time: a panel a consumer, a line a design, and a dot for the cell's figure `final`, a schedule, where it is told."""
    drawn = [cell for cell in cells if cell.get("over_time")]
    moments = [moment for cell in drawn for moment in cell["over_time"]]
    if not any(moment[name] for moment in moments):
        return Chart(title, reading, (), ())
    most, end = max(moment[name] for moment in moments), max(moment["seconds"] for moment in moments)
    panels = [_lines(consumer, group, (name, final), (end, most)) for consumer, group in _by("consumer", drawn)]
    return Chart(title, reading, _designs(drawn), panels)


def _lines(consumer: str, cells: Sequence[Cell], names: tuple[str, str], most: tuple[float, float]) -> Markup:
    name, final = names
    frame = svg.Panel()
    ys, xs = svg.ticks(most[1]), svg.ticks(most[0], 5)
    across = svg.linear(xs[-1], frame.left, frame.right - (16 if final else 0))
    up = svg.linear(ys[-1], frame.bottom, frame.top)
    marks = [svg.line(frame.left, up(value), frame.right, up(value), "grid") for value in ys]
    marks += [svg.text(frame.left - 5, up(value) + 4, f"{value:g}", "tick", "end") for value in ys]
    marks += [
        svg.text(across(value), frame.bottom + 16, _seconds(value, xs), "tick", _anchor(value, xs)) for value in xs
    ]
    for cell in cells:
        points = [(across(moment["seconds"]), up(moment[name])) for moment in cell["over_time"]]
        last = cell["over_time"][-1][name]
        marks.append(svg.path(points, f"line {_class(cell['design'])}", f"{cell['design']}: {last:g} at the end"))
        if final:
            left = cell[final] / max(cell["schedules"], 1)
            marks.append(svg.dot(frame.right - 3, up(left), f"dot {_class(cell['design'])}"))
    described = "; ".join(
        f"{cell['design']}: at most {max(each[name] for each in cell['over_time']):g}, {cell['over_time'][-1][name]:g} at the end"
        for cell in cells
    )
    return svg.drawing(consumer, described, frame.bottom + 22, *marks)


def _seconds(value: float, xs: Sequence[float]) -> str:
    return f"{value:g} s" if value == xs[-1] else f"{value:g}"


def _anchor(value: float, xs: Sequence[float]) -> str:
    return "end" if value == xs[-1] else "middle"


def staleness(cells: Sequence[Cell]) -> Chart:
    """Draw the quantiles of how long an event takes to show, on a logarithmic scale."""
    title = "From commit to visible"
    reading = (
        "The thin line runs from the fastest event to the slowest, the thick one holds the middle half, the dot is the median, "
        "the bar across is where 95 of 100 are shown; these two are told as numbers too. The scale is logarithmic."
    )
    drawn = [cell for cell in cells if None not in cell.get("staleness_quantiles_ms", [None])]
    if not drawn:
        return Chart(title, reading, (), ())
    least = max(min(cell["staleness_quantiles_ms"][0] for cell in drawn), 1.0)
    scale = svg.decades(least, max(cell["staleness_quantiles_ms"][-1] for cell in drawn))

    def row(cell: Cell, across: svg.Scale, middle: float) -> list[Markup]:
        quantiles, color = cell["staleness_quantiles_ms"], _class(cell["design"])
        at = [across(value) for value in quantiles]
        return [
            svg.line(at[0], middle, at[-1], middle, f"thin {color}"),
            svg.line(at[len(at) // 4], middle, at[3 * len(at) // 4], middle, f"thick {color}"),
            svg.line(at[-2], middle - 6, at[-2], middle + 6, f"thin {color}"),
            svg.dot(at[len(at) // 2], middle, f"dot {color}"),
        ]

    def words(cell: Cell) -> str:
        quantiles = cell["staleness_quantiles_ms"]
        return f"{duration(quantiles[len(quantiles) // 2])} · {duration(quantiles[-2])}"

    return Chart(title, reading, (), _rows(drawn, scale, _power, words, row, log=True))


def requests(cells: Sequence[Cell]) -> Chart:
    """Draw how many requests a command takes, by kind."""
    drawn = [cell for cell in cells if cell.get("requests")]
    scale = svg.ticks(max((sum(cell["requests"].values()) for cell in drawn), default=0))

    def row(cell: Cell, across: svg.Scale, middle: float) -> list[Markup]:
        kinds = _kinds(cell["requests"])
        edges = [sum(kinds[kind] for kind in KINDS[:place]) for place in range(len(KINDS) + 1)]
        return [
            svg.bar(
                across(start),
                middle - 5,
                across(end) - across(start),
                10,
                f"fill {kind}",
                f"{kind}: {number(kinds[kind])}",
            )
            for kind, (start, end) in zip(KINDS, pairwise(edges), strict=True)
            if kinds[kind]
        ]

    return Chart(
        "Requests per command",
        "Calls to the store and its snapshots, and to the broker, for each command that a client gave; polls of an idle feed left out.",
        [("read", "reads"), ("write", "writes"), ("publish", "publishes")],
        _rows(drawn, scale, _plain, lambda cell: number(float(sum(cell["requests"].values()))), row) if drawn else (),
    )


def _kinds(counted: Mapping[str, float]) -> dict[str, float]:
    kinds = dict.fromkeys(KINDS, 0.0)
    for name, count in counted.items():
        kinds["publish" if name.startswith("broker.") else "write" if name in WRITES else "read"] += count
    return kinds


def cost(cells: Sequence[Cell]) -> Chart:
    """Draw what a million commands cost."""
    drawn = [cell for cell in cells if cell.get("usd_per_million_commands") is not None]
    scale = svg.ticks(max((cell["usd_per_million_commands"] for cell in drawn), default=0))

    def row(cell: Cell, across: svg.Scale, middle: float) -> list[Markup]:
        usd = cell["usd_per_million_commands"]
        return [
            svg.bar(
                across(0), middle - 5, across(usd) - across(0), 10, f"fill {_class(cell['design'])}", f"{usd:.2f} USD"
            )
        ]

    return Chart(
        "AWS cost per million commands, in USD",
        "Writes, reads and, under cdc, the way into Kinesis. What is paid by the hour is not in it: a Kafka broker, a shard, the database.",
        (),
        _rows(drawn, scale, _plain, lambda cell: f"{cell['usd_per_million_commands']:.2f} USD", row) if drawn else (),
    )


def _rows(
    cells: Sequence[Cell],
    scale: Sequence[float],
    tick: Callable[[float], str],
    words: Callable[[Cell], str],
    row: Callable[[Cell, svg.Scale, float], Iterable[Markup]],
    *,
    log: bool = False,
) -> list[Markup]:
    """Draw a panel a design, a row a consumer."""
    frame = svg.Panel(left=4)
    across = (
        svg.logarithmic(scale[0], scale[-1], frame.left, frame.right - 4)
        if log
        else svg.linear(scale[-1], frame.left, frame.right - 4)
    )
    panels = []
    for design, group in _by("design", cells):
        bottom = frame.top + ROW * len(group)
        marks = [svg.line(across(value), frame.top, across(value), bottom, "grid") for value in scale]
        marks += [
            svg.text(
                across(value), bottom + 15, tick(value), "tick", "start" if value == scale[0] else _anchor(value, scale)
            )
            for value in scale
        ]
        for place, cell in enumerate(group):
            middle = frame.top + ROW * place + 27
            marks += [
                svg.text(4, middle - 10, cell["consumer"], "label"),
                svg.text(312, middle - 10, words(cell), "value", "end"),
            ]
            marks += row(cell, across, middle)
        described = "; ".join(f"{cell['consumer']}: {words(cell)}" for cell in group)
        panels.append(svg.drawing(design, described, bottom + 20, *marks))
    return panels


def _power(milliseconds: float) -> str:
    return f"{milliseconds:g} ms" if milliseconds < 1000 else f"{milliseconds / 1000:g} s"  # noqa: PLR2004


def _plain(value: float) -> str:
    return f"{value:g}"


def _by(axis: str, cells: Sequence[Cell]) -> list[tuple[str, list[Cell]]]:
    return [
        (name, [cell for cell in cells if cell[axis] == name]) for name in dict.fromkeys(cell[axis] for cell in cells)
    ]


def _designs(cells: Sequence[Cell]) -> list[tuple[str, str]]:
    return [(_class(design), design) for design, _group in _by("design", cells)]


def _class(design: str) -> str:
    return design if design in KNOWN else "other"
