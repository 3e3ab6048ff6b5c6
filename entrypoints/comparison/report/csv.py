"""The figures for a spreadsheet: one row a cell."""

import csv
from io import StringIO

from entrypoints.comparison.report.catalogue import groups_of, numbers_of
from entrypoints.comparison.report.notes import Data


def text(data: Data) -> str:
    """Give a heading and a row for each cell, with every flat figure; what there is nothing to tell of stays empty.

    Lines end in CRLF (RFC 4180).
    """
    cells = data["cells"]
    names = [figure.name for group in groups_of(cells) for figure in group.figures]
    written = StringIO()
    writer = csv.writer(written)
    writer.writerow(["design", "consumer", *names])
    for cell in cells:
        numbers = numbers_of(cell)
        writer.writerow([cell["design"], cell["consumer"], *(numbers.get(name) for name in names)])
    return written.getvalue()
