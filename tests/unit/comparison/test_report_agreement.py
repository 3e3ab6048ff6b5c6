"""JSON, CSV, the page and the terminal say the same of every cell."""

import csv
import io
import json
from html.parser import HTMLParser
from typing import Any

from entrypoints.comparison.figures import COUNTED
from entrypoints.comparison.report import csv as as_csv
from entrypoints.comparison.report.catalogue import GROUPS, OTHER, groups_of
from entrypoints.comparison.report.html import page
from entrypoints.comparison.report.text import text
from tests.unit.comparison.report_data import Data, a_run


class Values(HTMLParser):
    """Collects every exact figure of the page's tables."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[tuple[str, str], dict[str, float]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "data":
            told = {name: value or "" for name, value in attrs}
            figures = self.found.setdefault((told["data-design"], told["data-consumer"]), {})
            assert told["data-figure"] not in figures
            figures[told["data-figure"]] = float(told["value"])


def in_the_json(data: Data) -> dict[tuple[str, str], dict[str, float]]:
    again = json.loads(json.dumps(data))
    return {
        (cell["design"], cell["consumer"]): {
            name: float(value) for name, value in cell.items() if isinstance(value, int | float)
        }
        for cell in again["cells"]
    }


def in_the_csv(data: Data) -> dict[tuple[str, str], dict[str, float]]:
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(as_csv.text(data), newline="")))
    return {
        (row.pop("design"), row.pop("consumer")): {name: float(value) for name, value in row.items() if value}
        for row in rows
    }


def in_the_page(data: Data) -> dict[tuple[str, str], dict[str, float]]:
    values = Values()
    values.feed(page(data))
    return values.found


def test_json_csv_and_page_agree_on_every_number_of_every_cell() -> None:
    data = a_run(lambda data: data["cells"][0].update(a_figure_of_tomorrow=12.5, convergence_ms=None))

    assert len(in_the_json(data)) == 3
    assert all(len(figures) > len(COUNTED) for figures in in_the_json(data).values())
    assert in_the_json(data) == in_the_csv(data) == in_the_page(data)


def test_every_counted_figure_has_a_meaning_of_its_own() -> None:
    known = {figure.name: figure.meaning for group in GROUPS for figure in group.figures}

    assert set(COUNTED) <= known.keys()
    assert all(known.values())
    assert len(set(known.values())) == len(known)


def test_a_figure_that_is_new_is_told_under_its_own_name() -> None:
    data = a_run(lambda data: data["cells"][0].update(a_figure_of_tomorrow=3))

    assert groups_of(data["cells"])[-1].title == OTHER
    assert "a figure of tomorrow" in text(data)
    assert "a figure of tomorrow" in page(data)


def test_the_same_figures_give_the_same_bytes() -> None:
    assert (page(a_run()), text(a_run()), as_csv.text(a_run())) == (page(a_run()), text(a_run()), as_csv.text(a_run()))


def test_the_page_has_a_time_only_where_it_is_given_one() -> None:
    made = "On 2026-11-26, on two cores."

    assert made in page(a_run(), made)
    assert made not in page(a_run())
    assert " 2026" not in page(a_run())
