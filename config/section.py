"""A part of what `ecshop status` tells, and what becomes of one that cannot be looked at."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from config.diagnosis import NOTE, OK, WRONG, Status
from config.read_side import StoreProblem
from core.delivery.projector import AWAY

Rows = Sequence[Mapping[str, Any]]


class Section(NamedTuple):
    """What was seen of a part, as rows of the same keys; `said` is what is worth knowing, or why nothing could be seen."""

    part: str
    status: Status
    said: str
    rows: Rows = ()


class Look(NamedTuple):
    """How a part is looked at. One that is not `needed` may be out of reach while the shop works."""

    part: str
    at: Callable[[], Iterable[Section]]
    needed: bool = True


def looked_at(looks: Iterable[Look], problems: tuple[type[Exception], ...]) -> Iterator[Section]:
    """Give what each look finds, and one sentence for each that fails by one of the problems; the others go on."""
    caught: tuple[type[Exception], ...] = (StoreProblem, *problems, *AWAY)
    for part, at, needed in looks:
        try:
            yield from at()
        except caught as error:
            yield Section(part, WRONG if needed else NOTE, str(error).rstrip("."))
        except ModuleNotFoundError as error:
            yield Section(part, WRONG if needed else NOTE, f"cannot be looked at, as {error.name} is not installed")


def section(part: str, troubles: Iterable[str], rows: Rows, *, note: str = "") -> Section:
    """Make a section that is wrong where there are troubles, each a clause."""
    if found := "; ".join(troubles):
        return Section(part, WRONG, found, rows)
    return Section(part, NOTE if note else OK, note, rows)
