"""The figures for a terminal: a row a figure, a column a cell, designs side by side."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil
from textwrap import wrap

from entrypoints.comparison.report.catalogue import Cell, Figure, groups_of, numbers_of
from entrypoints.comparison.report.formats import number
from entrypoints.comparison.report.notes import Data, broken_in, must_be_zero, quiet_faults, ran, warnings
from entrypoints.comparison.report.sentences import sentences

LABEL, COLUMN, WIDEST = 25, 7, 130
"""Columns of the terminal: of a figure's name, of a cell, of a sentence. 16 cells are 140 wide."""

SHORT = {"doorbell": "doorb.", "doorbell+reconcile": "+recon", "cursor": "cursor"}


def text(data: Data) -> str:
    """Give everything, as lines of at most 140 columns for the 16 cells there are."""
    cells = data["cells"]
    lines = [ran(data), *_wrapped(_fired(data)), ""]
    if cells:
        lines += [*_headings(cells), *_rows(data), ""]
        lines += [
            "doorb.: doorbell, +recon: doorbell+reconcile. · is 0; 0 is one that must be and is; 5! must be 0 and is not."
        ]
    for sentence in [*warnings(data), quiet_faults(data)]:
        lines += ["", *_wrapped(sentence)] if sentence else []
    for sentence in sentences(data):
        lines += ["", *_wrapped(sentence)]
    again = ["", f"Again: {data['command']}"] if "command" in data else []
    return "\n".join([*lines, *again, ""])


def _wrapped(sentence: str) -> list[str]:
    return wrap(sentence, WIDEST, break_long_words=False, break_on_hyphens=False)


def _fired(data: Data) -> str:
    return (
        f"Faults: {', '.join(f'{name} {count:,}' for name, count in data['faults'].items())}" if data["faults"] else ""
    )


def _headings(cells: list[Cell]) -> Iterator[str]:
    column = _column(cells)
    designs = [(design, len(list(group)) * column) for design, group in groupby(cell["design"] for cell in cells)]
    yield " " * LABEL + "|".join(f" {design:<{width - 2}.{width - 2}}" for design, width in designs)
    yield " " * LABEL + "".join(f"{SHORT.get(cell['consumer'], cell['consumer']):>{column}.{column}}" for cell in cells)


def _column(cells: Sequence[Cell]) -> int:
    """Give the width of a cell: where a design has few consumers, its own name must fit."""
    names = Counter(cell["design"] for cell in cells)
    return max(COLUMN, *(ceil((len(design) + 2) / count) for design, count in names.items()))


def _rows(data: Data) -> Iterator[str]:
    for group in groups_of(data["cells"]):
        yield f"-- {group.title.lower()} "
        for figure in group.figures:
            yield f"{figure.label:<{LABEL}.{LABEL}}" + "".join(
                f"{_shown(data, cell, figure):>{_column(data['cells'])}}" for cell in data["cells"]
            )


def _shown(data: Data, cell: Cell, figure: Figure) -> str:
    value = numbers_of(cell).get(figure.name)
    if figure.name in broken_in(data, cell):
        return f"{value}!"
    if not value:
        return "–" if value is None else "0" if figure.name in must_be_zero(cell) else "·"
    shown = number(value, figure.unit).replace(" ", "")
    return shown if len(shown) < COLUMN else shown.replace(",", "")
