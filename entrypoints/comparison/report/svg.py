"""What our charts are drawn with: scales, axes and marks, as escaped SVG without a script."""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from typing import NamedTuple

from markupsafe import Markup

WIDTH = 320
"""User units of every panel; a page scales it to its column, from a phone's to a printed one."""

Scale = Callable[[float], float]


class Panel(NamedTuple):
    """A chart's frame: where its plot begins and ends, in user units from the upper left."""

    left: float = 34
    right: float = WIDTH - 8
    top: float = 22
    bottom: float = 158


def drawing(title: str, description: str, height: float, *marks: Markup) -> Markup:
    """Give a whole SVG with its name and what it shows, for who cannot see it."""
    return Markup(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title><text class="name" x="0" y="12">{}</text>{}</svg>'
    ).format(WIDTH, _short(height), f"{title}. {description}", description, title, Markup().join(marks))


def linear(most: float, start: float, end: float) -> Scale:
    """Map 0 to `most` onto `start` to `end`."""
    return lambda value: start + (end - start) * value / (most or 1.0)


def logarithmic(least: float, most: float, start: float, end: float) -> Scale:
    """Map by powers of ten; what is below `least` is drawn there."""
    low, high = log10(least), log10(most)
    return lambda value: start + (end - start) * (log10(max(value, least)) - low) / ((high - low) or 1.0)


def ticks(most: float, about: int = 4) -> list[float]:
    """Give round values from 0 on that cover `most`: steps of 1, 2 or 5 times a power of ten."""
    if most <= 0:
        return [0.0, 1.0]
    power = 10.0 ** floor(log10(most / about))
    step = next(each * power for each in (1, 2, 5, 10) if each * power * about >= most)
    return [round(step * place, 10) for place in range(ceil(most / step - 1e-9) + 1)]


def decades(least: float, most: float) -> list[float]:
    """Give the powers of ten from at or below `least` to at or above `most`, two at least."""
    first, last = floor(log10(least)), ceil(log10(most))
    return [10.0**power for power in range(first, max(last, first + 1) + 1)]


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """Draw a line of a class."""
    places = [_short(each) for each in (x1, y1, x2, y2)]
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, *places)


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> Markup:
    """Write words, their baseline at `y`."""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, _short(x), _short(y), anchor, words
    )


def bar(x: float, y: float, width: float, height: float, kind: str, words: str) -> Markup:
    """Draw a box that tells `words` when pointed at."""
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
        kind, _short(x), _short(y), _short(max(width, 0.0)), _short(height), words
    )


def dot(x: float, y: float, kind: str) -> Markup:
    """Draw a dot."""
    return Markup('<circle class="{}" cx="{}" cy="{}" r="3.5"/>').format(kind, _short(x), _short(y))


def path(points: Sequence[tuple[float, float]], kind: str, words: str) -> Markup:
    """Draw a line through points, which tells `words` when pointed at."""
    places = " ".join(f"{_short(x)},{_short(y)}" for x, y in points)
    return Markup('<polyline class="{}" points="{}"><title>{}</title></polyline>').format(kind, places, words)


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
