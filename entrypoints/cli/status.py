"""`ecshop status`: how the shop is right now, part by part."""

import json
import sys
from contextlib import ExitStack
from itertools import chain

import click

from config.section import Rows
from config.settings import Settings
from config.shop import Shop
from config.status import Section, status
from entrypoints.cli.refusal import Refused
from entrypoints.cli.stores import IN_MEMORY, database_of, topic_of

WRONG = 1
"""Exit status where something needs a hand."""

WIDEST = 60
"""Characters of a cell; JSON has all."""


def show_status(settings: Settings, *, as_json: bool) -> None:
    """Look at every part, print it, and end with status 1 where one needs a hand.

    Raises:
        Refused: the shop is in memory.
    """
    if settings.store == "memory":
        raise Refused(IN_MEMORY)
    with database_of(settings) as named, ExitStack() as broker:
        sections, known = [], list[Section]()
        try:
            named = broker.enter_context(topic_of(named, needed=False))  # noqa: PLW2901
        except Refused as refused:
            known = [Section("Kafka", "wrong", refused.message)]
        for each in chain(known, status(named, Shop(settings=named).environment())):
            sections.append(each)
            if not as_json:
                click.echo(f"{each.status:<6} {each.part}{': ' if each.said else ''}{each.said}")
                _print(each.rows)
    works = all(each.status != "wrong" for each in sections)
    if as_json:
        told = {each.part: {"status": each.status, "said": each.said, "rows": each.rows} for each in sections}
        click.echo(json.dumps({"works": works, "parts": told}, indent=2, ensure_ascii=False))
    else:
        click.echo("All is well." if works else "Something needs a hand: see `wrong` above.")
    if not works:
        sys.exit(WRONG)


def _print(rows: Rows) -> None:
    if not rows:
        return
    table = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        click.echo("       " + "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    text = "yes" if value is True else "no" if value is False else str(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
